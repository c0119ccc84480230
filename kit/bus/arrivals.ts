// Waits for what another service made a moment ago: its message may be a few milliseconds behind a user who follows
// a link to it. And for the next change to what is here.

import { madeAtMs } from '../time/ids.ts'

/** An id older than this arrived long ago, or does not exist. */
const recentMs = 10_000
const patienceMs = 1_000
/**
 * Wake-ups are per process; if another replica consumed the message we poll instead. The interval doubles each
 * time.
 */
const firstLookMs = 50
const longestLookMs = 400
/** A wait for a change may be long, so it looks less often. */
const longestLookForChangeMs = 1_000
/** Waits for a change in one process. Each looks once a second, beside what else the database has to do. */
const changesAtOnce = 1_000

export type Arrivals = {
  /** Wakes the waits for `id`: something about it has been committed here. */
  notify(id: string): void
  /**
   * Calls `read` until it finds something. If `id`, a version-7 UUID, was made in the last 10,000 ms, it keeps
   * trying for up to `forMs` milliseconds (default: 1,000); otherwise it calls `read` once.
   */
  waitFor<T>(id: string, read: () => Promise<T | null>, forMs?: number): Promise<T | null>
  /**
   * Resolves when `isHere` resolves to true, or after 1,000 ms. Resolves at once, without calling it, if `id` was
   * not made in the last 10,000 ms. Call it before a transaction starts: waiting inside one would hold its
   * connection.
   */
  settled(id: string, isHere: () => Promise<boolean>): Promise<void>
  /**
   * Calls `read` until it finds something, for up to `forMs` milliseconds, however old `id` is. Calls it once if 1,000
   * others wait already.
   */
  change<T>(id: string, read: () => Promise<T | null>, forMs: number): Promise<T | null>
  /** Ends every wait of `change` after one more look, and makes later ones look once: the service stops. */
  close(): void
}

type Look = { forMs: number; longestMs?: number; isOver?: () => boolean }

/**
 * `newId` makes an id now. The age of an id is measured against it, so it is measured by the clock that ids are
 * made with.
 */
export function createArrivals(newId: () => string): Arrivals {
  const waiting = new Map<string, Set<() => void>>()
  let changes = 0
  let isClosed = false
  const isRecent = (id: string) => Math.abs(madeAtMs(newId()) - madeAtMs(id)) < recentMs
  return {
    notify(id) {
      for (const wake of waiting.get(id) ?? []) wake()
    },
    waitFor: (id, read, forMs = patienceMs) => look(id, read, { forMs: isRecent(id) ? forMs : 0 }),
    async change(id, read, forMs) {
      if (isClosed || changes >= changesAtOnce) return read()
      changes++
      try {
        return await look(id, read, { forMs, longestMs: longestLookForChangeMs, isOver: () => isClosed })
      } finally {
        changes--
      }
    },
    close() {
      isClosed = true
      // Those who wait for an arrival look once more, and wait on.
      for (const wakers of [...waiting.values()]) for (const wake of [...wakers]) wake()
    },
    async settled(id, isHere) {
      if (isRecent(id)) await look(id, async () => (await isHere()) || null, { forMs: patienceMs })
    },
  }

  /** Looks once if `forMs` is 0. */
  async function look<T>(
    id: string,
    read: () => Promise<T | null>,
    { forMs, longestMs = longestLookMs, isOver = () => false }: Look,
  ): Promise<T | null> {
    const until = performance.now() + forMs
    for (let lookMs = firstLookMs; ; lookMs = Math.min(2 * lookMs, longestMs)) {
      const leftMs = isOver() ? 0 : until - performance.now()
      // Register before reading, so that an arrival in between is not missed.
      const arrival = leftMs > 0 ? nextArrival(id, Math.min(lookMs, leftMs)) : null
      const found = await read()
      if (found !== null || !arrival) {
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
