// Limits the number of open streams. Each holds three descriptors and some 60 kB for as long as a page is open, so
// without a limit one client could use up what reservations need.

export type StreamLimits = {
  /** In this process. */
  all: number
  /** For one client address, and for one session; null where clients are not limited. */
  perAddress: number | null
  perSession: number | null
}

export type StreamClient = { readonly address: string; readonly session: string | null }

export type StreamPlaces = {
  /** Acquires a place. Returns the function that releases it, to be called once; or null when a limit is reached. */
  take(client: StreamClient): (() => void) | null
}

/** The places of this process, all free. */
export function createStreamPlaces({ all, perAddress, perSession }: StreamLimits): StreamPlaces {
  const open = new Map<string, number>()
  const count = (key: string) => open.get(key) ?? 0
  const add = (key: string, change: 1 | -1) => {
    const now = count(key) + change
    if (now === 0) open.delete(key)
    else open.set(key, now)
  }
  return {
    take({ address, session }) {
      const limits: [string, number | null][] = [
        ['all', all],
        [`address ${address}`, perAddress],
        ...(session === null ? [] : [[`session ${session}`, perSession] as [string, number | null]]),
      ]
      if (limits.some(([key, most]) => most !== null && count(key) >= most)) return null
      for (const [key] of limits) add(key, 1)
      return () => {
        for (const [key] of limits) add(key, -1)
      }
    },
  }
}
