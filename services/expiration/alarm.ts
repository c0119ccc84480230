// Between two looks at the timers the bell sleeps. A timer that is set meanwhile and is due before the next look must wake it; all others must
// not, or a busy hour would be one long look.

/** The bell looks at least this often, so that a replica's or a crash's lost wake-up costs no more. */
export const longestSleepMs = 1_000

export type Alarm = {
  /** The bell is about to look: it cannot know of timers that are committed from now on. */
  looking(now: Date): void
  /** The bell has looked and sleeps for `ms`. */
  sleeping(now: Date, ms: number): void
  /** A timer due at `dueAt` was committed. */
  set(dueAt: Date): void
  /** What to call to wake the bell. */
  wakes(bell: () => void): void
}

export function createAlarm(): Alarm {
  let nextLookAt = 0
  let wake = () => {}
  return {
    looking(now) {
      // Whatever is due later than this is found by the look after this one, which is at most one sleep away.
      nextLookAt = now.getTime() + 2 * longestSleepMs
    },
    sleeping(now, ms) {
      nextLookAt = now.getTime() + ms
    },
    set(dueAt) {
      if (dueAt.getTime() < nextLookAt) wake()
    },
    wakes(bell) {
      wake = bell
    },
  }
}
