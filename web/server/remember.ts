// Something that is dear to make and may be a moment old: made once at a time, and anew when that moment has passed.

type Kept<T> = { readonly value: Promise<T | null>; readonly since: number; isMade: boolean }
export type Remember<T> = (key: string, make: () => Promise<T | null>) => Promise<T | null>

/**
 * Whoever asks for a key while it is being made gets what is made. It is kept for `forMs` from the moment at which making it began, so that what is in it is
 * never older than that and the time of making. Null, or an error, is not kept. Beyond `most` keys the one that was made longest ago is forgotten.
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
    // Deleted first, so that the map stays in the order of making.
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
