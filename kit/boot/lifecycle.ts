// Signals: the first one stops in order, a second one or a stop that takes too long ends the process at once with a failure.

type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

const sameRequestMs = 500

/** Calls `stop` at the first signal; exits with 0 when it succeeds within `deadlineMs` milliseconds, with 1 when it fails, and by SIGKILL when it takes longer. */
export function stopOnSignal(stop: (reason: StopReason) => Promise<void>, deadlineMs: number): void {
  let stopping: { reason: StopReason; at: number } | null = null
  const onSignal = (reason: StopReason) => {
    if (stopping) {
      // The kernel sends a parent's death once for each of its threads, a terminal and npm send one Ctrl-C twice: that is one request.
      if (reason === stopping.reason && performance.now() - stopping.at < sameRequestMs) return
      console.error(`${reason} again: ending at once.`)
      process.exit(1)
    }
    stopping = { reason, at: performance.now() }
    const deadline = setTimeout(() => {
      console.error(`Not everything stopped within ${deadlineMs / 1000} s; ending all the same.`)
      // Node waits at its end for what its threads are at, a look-up of a name that nobody answers for instance.
      process.once('exit', () => process.kill(process.pid, 'SIGKILL'))
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
}
