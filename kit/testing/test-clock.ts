// A clock that stands still until a test moves it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../time/clock.ts'

export type TestClock = Clock & {
  advance(ms: number): void
  /** Sets the time `ms` ahead, or back: what waits goes on waiting for as long as it would have, as with a clock that was wrong. */
  jump(ms: number): void
  /** How many wait for the clock: a background job that does not is under way. */
  waiting(): number
}

/** A clock that starts at `start` (default: now) and moves only by `advance(ms)`, which fires what has become due. */
export function testClock(start = new Date()): TestClock {
  let now = start.getTime()
  const waiting = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => new Date(now),
    after(ms, wake) {
      const entry = { at: now + Math.max(0, ms), wake }
      waiting.add(entry)
      if (entry.at <= now) setImmediate(fireDue)
      return () => waiting.delete(entry)
    },
    waiting: () => waiting.size,
    jump(ms) {
      now += ms
      for (const entry of waiting) entry.at += ms
    },
    advance(ms) {
      now += ms
      fireDue()
    },
  }

  function fireDue() {
    for (const entry of [...waiting].sort((a, b) => a.at - b.at)) {
      if (entry.at <= now && waiting.delete(entry)) entry.wake()
    }
  }
}

/** A job that waits for the provider may take longer than anyone wants to wait for it. */
const restPatienceMs = 3_000

/** Waits until all of `jobs` background jobs wait for the clock; resolves to false when that takes longer than 3 s. */
export async function untilAtRest(clock: TestClock, jobs: number): Promise<boolean> {
  const until = performance.now() + restPatienceMs
  while (clock.waiting() < jobs && performance.now() < until) await sleep(2)
  return clock.waiting() >= jobs
}
