// A clock that stands still until a test moves it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyService } from '../boot/service.ts'
import type { Clock } from '../time/clock.ts'

export type TestClock = Clock & {
  advance(ms: number): void
  /**
   * Moves the time by `ms`, forwards or backwards, without changing how much longer each waiter waits: a clock that
   * was wrong.
   */
  jump(ms: number): void
  /** How many waits are pending: a background job without one is running. */
  waiting(): number
}

/**
 * A clock that starts at `start` (default: now) and moves only by `advance(ms)`, which fires what has become due,
 * and by `jump`.
 */
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

/** How many background jobs of a service wait for its clock: its own, and two when it does durable work. */
export const jobsByClock = ({ jobs, work }: Pick<AnyService, 'jobs' | 'work'>): number =>
  (jobs?.length ?? 0) + (work ? 2 : 0)

/** A job that waits for the provider may take longer than a test should wait for it. */
const restPatienceMs = 3_000

/**
 * Waits until all of `jobs` background jobs wait for the clock; resolves to false when that takes longer than 3 s.
 */
export async function untilAtRest(clock: TestClock, jobs: number): Promise<boolean> {
  const until = performance.now() + restPatienceMs
  while (clock.waiting() < jobs && performance.now() < until) await sleep(2)
  return clock.waiting() >= jobs
}
