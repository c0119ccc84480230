// Time as the domain sees it. Passed in, so that a test controls it; the infrastructure's own polls and backoffs
// run on real time.

export type Clock = {
  now(): Date
  /** Calls `wake` once, `ms` milliseconds from now or a little later. Returns the function that cancels it. */
  after(ms: number, wake: () => void): () => void
}

/**
 * setTimeout fires at once beyond this (https://nodejs.org/api/timers.html); a longer wait is cut short and its
 * owner checks again.
 */
const longestTimeoutMs = 2 ** 31 - 1

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(0, ms), longestTimeoutMs))
    return () => clearTimeout(timer)
  },
}
