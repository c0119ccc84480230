// A cache with a short TTL and single-flight: concurrent callers share one computation.

type Kept<T> = { readonly value: Promise<T | null>; readonly since: number; isMade: boolean }
export type Remember<T> = (key: string, make: () => Promise<T | null>) => Promise<T | null>

/**
 * Callers that ask for a key while it is being computed share that computation. A value is kept for `forMs`
 * from the start of its computation, so it is never older than that plus the computation time. Null and errors
 * are not kept. Beyond `most` keys the oldest value is evicted.
 */
export function remember<T>({
  forMs,
  most,
  now = () => performance.now(),
}: {
  forMs: number
  most: number
  now?: () => number
}): Remember<T> {
  const kept = new Map<string, Kept<T>>()
  return (key, make) => {
    const known = kept.get(key)
    if (known && (!known.isMade || now() - known.since < forMs)) return known.value
    const made: Kept<T> = { value: make(), since: now(), isMade: false }
    // Deleted first, so that the map stays in the order of computation.
    kept.delete(key)
    kept.set(key, made)
    const [oldest] = kept.keys()
    if (kept.size > most && oldest !== undefined) kept.delete(oldest)
    const forget = () => {
      if (kept.get(key) === made) kept.delete(key)
    }
    made.value.then((value) => {
      made.isMade = true
      if (value === null) forget()
    }, forget)
    return made.value
  }
}
