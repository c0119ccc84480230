// Wakes a job of this process when a commit has given it work. Other processes find the work with their next poll.

export type Bell = {
  /** Makes the job check for work now. */
  readonly ring: () => void
  /** Sets what to wake: for `wakeOn` of the job. */
  readonly wakes: (wake: () => void) => void
}

/** A bell that is not connected to a job yet. */
export function createBell(): Bell {
  let wakeJob = () => {}
  return {
    ring: () => wakeJob(),
    wakes(wake) {
      wakeJob = wake
    },
  }
}
