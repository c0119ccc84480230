// Wakes a job of this process when a commit has given it work. Other processes find the work when they look by themselves.

export type Bell = {
  /** Has the job look now. */
  readonly ring: () => void
  /** Tells what to wake: for `wakeOn` of the job. */
  readonly wakes: (wake: () => void) => void
}

/** A bell that wakes nobody yet. */
export function createBell(): Bell {
  let wakeJob = () => {}
  return {
    ring: () => wakeJob(),
    wakes(wake) {
      wakeJob = wake
    },
  }
}
