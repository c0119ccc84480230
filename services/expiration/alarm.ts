// The ring-timers job sleeps between polls. A timer that is set meanwhile and is due before the next poll must
// wake it. All others must not, or a busy hour would be one continuous poll.

/** The job polls at least this often, so a wake-up lost to a crash or on another replica costs no more than this. */
export const longestSleepMs = 1_000

export type Alarm = {
  /** The job is about to poll: it will not see timers that are committed from now on. */
  looking(now: Date): void
  /** The job has polled and sleeps for `ms`. */
  sleeping(now: Date, ms: number): void
  /** A timer due at `dueAt` was committed. */
  set(dueAt: Date): void
  /** Registers the callback that wakes the job. */
  wakes(bell: () => void): void
}

export function createAlarm(): Alarm {
  let nextLookAt = 0
  let wake = () => {}
  return {
    looking(now) {
      // Timers due later than this are found by the poll after this one, which is at most one sleep away.
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
