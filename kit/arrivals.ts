// Waiting for what another service made a moment ago: its message is a few milliseconds behind the person who follows a link to it.

/** An id older than this has been heard of long ago, or is not one. */
const recentMs = 10_000
const patienceMs = 1_000
/** The word of an arrival goes round in one process; another replica may be the one that heard. */
const lookEveryMs = 50

export type Arrivals = {
  /** Something about `id` has been committed here. */
  heard(id: string): void
  /** Calls `read` until it finds something: for up to a second if `id`, a version-7 UUID, was made in the last ten; else once. */
  soon<T>(id: string, now: Date, read: () => Promise<T | null>): Promise<T | null>
}

export function createArrivals(): Arrivals {
  const waiting = new Map<string, Set<() => void>>()
  return {
    heard(id) {
      for (const wake of waiting.get(id) ?? []) wake()
    },
    async soon(id, now, read) {
      const madeAt = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
      const recent = Math.abs(now.getTime() - madeAt) < recentMs
      const until = performance.now() + patienceMs
      for (;;) {
        // Listened for before it is looked for, so that what arrives in between is not missed.
        const arrival = recent ? nextArrival(id) : null
        const found = await read()
        if (found !== null || !arrival || performance.now() > until) {
          arrival?.cancel()
          return found
        }
        await arrival.happened
      }
    },
  }

  function nextArrival(id: string): { happened: Promise<void>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wakers = waiting.get(id) ?? new Set()
    waiting.set(id, wakers)
    const timer = setTimeout(done, lookEveryMs)
    wakers.add(done)
    return { happened: promise, cancel: done }

    function done(): void {
      clearTimeout(timer)
      wakers.delete(done)
      if (wakers.size === 0 && waiting.get(id) === wakers) waiting.delete(id)
      resolve()
    }
  }
}
