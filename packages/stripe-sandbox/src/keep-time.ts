// What is due by the clock is done without a request to notice it: pages and authorisations that run out, webhooks whose
// next attempt has come. Asked four times a second of real time, because the clock may be one that only a test moves.

import { makeDueChanges } from './api/due-changes.ts'
import { beginCall, type Machine } from './machine.ts'

const everyMs = 250

/** Begins to look; returns what ends it. */
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
