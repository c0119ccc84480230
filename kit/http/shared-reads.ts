// When a service restarts, a thousand pages ask for the same state within a second. One read serves all callers
// that asked before it began.

export type SharedReads = <T>(key: string, read: () => Promise<T>) => Promise<T>

/**
 * Calls `read` once for all callers that ask for `key` while an earlier read of it is in progress. No caller gets
 * what was read before it asked: that could be older than what it has already received.
 */
export function shareReads(): SharedReads {
  const running = new Map<string, Promise<unknown>>()
  const next = new Map<string, Promise<unknown>>()

  return <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const waiting = next.get(key) as Promise<T> | undefined
    if (waiting) return waiting
    const before = running.get(key)
    if (!before) return begin(key, read)
    const after = before.then(
      () => begin(key, read),
      () => begin(key, read),
    )
    next.set(key, after)
    return after
  }

  function begin<T>(key: string, read: () => Promise<T>): Promise<T> {
    next.delete(key)
    const reading = read().finally(() => {
      if (running.get(key) === reading) running.delete(key)
    })
    running.set(key, reading)
    return reading
  }
}
