// Signals: the first stops in order; a second one, or a stop that takes too long, ends the process at once with a
// failure.

type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

const sameRequestMs = 500

/**
 * Calls `stop` at the first signal. Exits with 0 when it succeeds within `deadlineMs` milliseconds, with 1 when it
 * fails, and by SIGKILL when it takes longer.
 */
export function stopOnSignal(stop: (reason: StopReason) => Promise<void>, deadlineMs: number): void {
  let stopping: { reason: StopReason; at: number } | null = null
  const onSignal = (reason: StopReason) => {
    if (stopping) {
      // The kernel reports a parent's death once for each of its threads, and a terminal and npm each send the same
      // Ctrl-C: that is one request.
      if (reason === stopping.reason && performance.now() - stopping.at < sameRequestMs) return
      console.error(`${reason} again: ending at once.`)
      process.exit(1)
    }
    stopping = { reason, at: performance.now() }
    const deadline = setTimeout(() => {
      console.error(`Not everything stopped within ${deadlineMs / 1000} s; ending all the same.`)
      // At its exit Node waits for its threads, for instance for a DNS lookup that gets no answer.
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
