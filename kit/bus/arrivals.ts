// Waiting for what another service made a moment ago: its message is a few milliseconds behind the person who follows a link to it.

import { madeAtMs } from '../time/ids.ts'

/** An id older than this has been heard of long ago, or is not one. */
const recentMs = 10_000
const patienceMs = 1_000
/** The word of an arrival goes round in one process; another replica may be the one that heard. Looked for twice as late each time. */
const firstLookMs = 50
const longestLookMs = 400

export type Arrivals = {
  /** Something about `id` has been committed here. */
  heard(id: string): void
  /**
   * Calls `read` until it finds something: for up to `forMs` milliseconds (default: 1,000) if `id`, a version-7 UUID, was made in the last 10,000; else once.
   */
  soon<T>(id: string, read: () => Promise<T | null>, forMs?: number): Promise<T | null>
  /**
   * Resolves when `isHere` does to true, or after 1,000 ms; at once, without asking, if `id` was not made in the last 10,000. For what comes before a
   * transaction: a wait inside one would keep its connection from everybody else.
   */
  settled(id: string, isHere: () => Promise<boolean>): Promise<void>
}

/** How old an id is, another one tells: whatever clock ids are made by, it is theirs. */
export function createArrivals(newId: () => string): Arrivals {
  const waiting = new Map<string, Set<() => void>>()
  const isRecent = (id: string) => Math.abs(madeAtMs(newId()) - madeAtMs(id)) < recentMs
  return {
    heard(id) {
      for (const wake of waiting.get(id) ?? []) wake()
    },
    soon,
    async settled(id, isHere) {
      if (isRecent(id)) await soon(id, async () => (await isHere()) || null)
    },
  }

  async function soon<T>(id: string, read: () => Promise<T | null>, forMs = patienceMs): Promise<T | null> {
    const recent = isRecent(id)
    const until = performance.now() + forMs
    for (let lookMs = firstLookMs; ; lookMs = Math.min(2 * lookMs, longestLookMs)) {
      // Listened for before it is looked for, so that what arrives in between is not missed.
      const arrival = recent ? nextArrival(id, lookMs) : null
      const found = await read()
      if (found !== null || !arrival || performance.now() > until) {
        arrival?.cancel()
        return found
      }
      await arrival.happened
    }
  }

  function nextArrival(id: string, atLatestMs: number): { happened: Promise<void>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wakers = waiting.get(id) ?? new Set()
    waiting.set(id, wakers)
    const timer = setTimeout(done, atLatestMs)
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
