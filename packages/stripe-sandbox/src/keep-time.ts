// Does what is due by the clock without waiting for a request: pages and authorisations expire, webhooks are
// retried. Polls four times a second of real time, because the clock may be one that only a test moves.

import { makeDueChanges } from './api/due-changes.ts'
import { beginCall, type Machine } from './machine.ts'

const everyMs = 250

/** Starts polling; returns a function that stops it. */
export function keepTime(machine: Machine, failed: (error: unknown) => void): () => void {
  const timer = setInterval(() => {
    try {
      makeDueChanges(beginCall(machine))
      machine.webhooks.wake()
    } catch (error) {
      failed(error)
    }
  }, everyMs)
  return () => clearInterval(timer)
}
