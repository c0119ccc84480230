// Signals: the first one stops in order, a second one or a stop that takes too long ends the process at once with a failure.

export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | string

/** Calls `stop` at the first signal; sets the exit code to 0 when it succeeds in `deadlineMs`, else exits with 1. Returns what stops for another reason. */
export function stopOnSignal(
  stop: (reason: StopReason) => Promise<void>,
  deadlineMs: number,
): (reason: StopReason) => void {
  let stopping = false
  const onSignal = (reason: StopReason) => {
    if (stopping) {
      console.error(`${reason} again: ending at once.`)
      process.exit(1)
    }
    stopping = true
    const deadline = setTimeout(() => {
      console.error(`Not everything stopped within ${deadlineMs / 1000} s; ending all the same.`)
      process.exit(1)
    }, deadlineMs)
    stop(reason).then(
      () => {
        clearTimeout(deadline)
        process.exit(process.exitCode ?? 0)
      },
      (error: unknown) => {
        console.error('Stopping failed:', error)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  return onSignal
}
