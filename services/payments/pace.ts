// The provider answers 429 above its limit, and counts the calls of all replicas together: so does this. A token bucket in one row of the database
// (GCRA: the row says when the next call is free to go), asked before every request, the SDK's own repetitions included.
//
// In no second more than `callsPerSecond` go out: the bucket holds a fifth of that and is refilled at four fifths of it. Whoever asks while an
// earlier question is under way shares the next one, so that a crowd costs one statement for many calls.

import { type Clock, systemClock } from '@aisle/kit/clock'
import type { Sql } from '@aisle/kit/db/database'

/** Resolves when the caller may make one request. First come, first served. */
export type Pace = () => Promise<void>

/** `after` is what waiting is done with. */
export function createPace(sql: Sql, callsPerSecond: number, { after }: Pick<Clock, 'after'> = systemClock): Pace {
  const burst = Math.max(1, Math.floor(callsPerSecond / 5))
  const gapMs = 1_000 / Math.max(callsPerSecond - burst, callsPerSecond / 2)
  let waiting: PromiseWithResolvers<void>[] = []
  let asking = false

  async function askForAll(): Promise<void> {
    asking = true
    while (waiting.length > 0) {
      const callers = waiting
      waiting = []
      try {
        const lastInMs = await take(callers.length)
        callers.forEach((caller, index) => {
          const inMs = lastInMs - gapMs * (callers.length - 1 - index)
          if (inMs <= 0) caller.resolve()
          else after(inMs, caller.resolve)
        })
      } catch (error) {
        for (const caller of callers) caller.reject(error)
      }
    }
    asking = false
  }

  /** Takes `count` places in the line; resolves to the milliseconds until the last of them. */
  async function take(count: number): Promise<number> {
    const span = `${gapMs * count} milliseconds`
    const [row] = await sql<{ waitMs: number }[]>`
      insert into provider_pace as p (free_at) values (clock_timestamp() + ${span}::text::interval)
      on conflict on constraint provider_pace_pkey do update
        set free_at = greatest(p.free_at, clock_timestamp()) + ${span}::text::interval
      returning 1000 * extract(epoch from free_at - clock_timestamp())::float8 as wait_ms`
    return (row?.waitMs ?? 0) - gapMs * burst
  }

  return () => {
    const caller = Promise.withResolvers<void>()
    waiting.push(caller)
    if (!asking) void askForAll()
    return caller.promise
  }
}
