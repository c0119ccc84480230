// A background job of a service: it runs, returns when it wants to run again, can be woken earlier, never overlaps
// with itself, and survives its own errors.

import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'

export type Loop = {
  /** Runs the job soon; during a run, once more after it. */
  wake(): void
  /** Ends the loop; resolves when the current run has finished. Safe to call twice. */
  stop(): Promise<void>
}

const afterErrorMs = 500

/**
 * Runs `run` now and then whenever it is due: `run` resolves to the milliseconds until it wants to run again. A
 * failed run is logged and retried after 500 ms.
 */
export function startLoop(options: { name: string; run: () => Promise<number>; clock: Clock; log: Log }): Loop {
  const { name, run, clock, log } = options
  let stopped = false
  let woken = false
  let cancelTimer = () => {}
  let current: Promise<void> | null = null

  const go = () => {
    if (stopped) return
    if (current) {
      woken = true
      return
    }
    cancelTimer()
    woken = false
    current = run()
      .catch((error: unknown) => {
        if (!stopped) log.error({ err: error, loop: name }, 'a background job failed; it will be retried')
        return afterErrorMs
      })
      .then((delayMs) => {
        current = null
        if (stopped) return
        if (woken) go()
        else cancelTimer = clock.after(delayMs, go)
      })
  }
  go()

  return {
    wake: go,
    async stop() {
      stopped = true
      cancelTimer()
      await current
    },
  }
}
