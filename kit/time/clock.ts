// Time as the domain sees it. Passed in, so that a test owns it; the machinery's own polls and back-offs run on real time.

export type Clock = {
  now(): Date
  /** Calls `wake` once, `ms` milliseconds from now or a little later; returns what cancels it. */
  after(ms: number, wake: () => void): () => void
}

/** setTimeout fires at once beyond this; a longer wait is cut and its owner looks again. */
const longestTimeoutMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(0, ms), longestTimeoutMs))
    return () => clearTimeout(timer)
  },
}
