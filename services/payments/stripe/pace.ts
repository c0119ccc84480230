// The provider answers 429 above its rate limit, and counts the calls of all replicas together, so we do too. A token
// bucket in one database row (GCRA: the row holds the time at which the next call may go), consulted before every
// request, including the SDK's own retries.
//
// 1. No more than `callsPerSecond` calls go out in any second: the bucket holds a fifth of that and is refilled at four
//    fifths of it.
// 2. Callers that arrive while a request to the database is under way share the next one, so a crowd costs one
//    statement for many calls.
// 3. A process never reserves more than a second's worth ahead; the rest waits in its memory. So the row is never far
//    ahead of the clock. If it is, a wrong clock wrote it: it is pulled back, which costs twenty seconds instead of the
//    time by which the clock was ahead.

import type { Sql } from '@aisle/kit/db/database'
import { type Clock, systemClock } from '@aisle/kit/time/clock'

/** Resolves when the caller may make one request. First come, first served. */
export type Pace = () => Promise<void>

/**
 * If the row is further ahead of the database's clock than this, it is not trusted. Fifteen replicas that all
 * reserve a second's worth come close to it.
 */
const furthestAheadMs = 20_000

/** `after` provides the timers for waiting. */
export function createPace(sql: Sql, callsPerSecond: number, { after }: Pick<Clock, 'after'> = systemClock): Pace {
  const waiting: PromiseWithResolvers<void>[] = []
  let asking = false

  async function askForAll(): Promise<void> {
    asking = true
    while (waiting.length > 0) {
      const callers = waiting.splice(0, callsPerSecond)
      try {
        const places = await takePlaces(sql, callsPerSecond, callers.length)
        for (const [index, { resolve }] of callers.entries()) {
          const inMs = places[index]?.inMs ?? 0
          if (inMs <= 0) resolve()
          else after(inMs, resolve)
        }
        // Ask again when half of these are gone.
        const halfInMs = places[Math.floor(callers.length / 2)]?.inMs ?? 0
        if (waiting.length > 0 && halfInMs > 0) await new Promise<void>((resolve) => after(halfInMs, resolve))
      } catch (error) {
        for (const caller of callers) caller.reject(error)
      }
    }
    asking = false
  }

  return () => {
    const caller = Promise.withResolvers<void>()
    waiting.push(caller)
    if (!asking) void askForAll()
    return caller.promise
  }
}

/**
 * When a call may go: `at` is by the database's clock, in milliseconds since 1970, which is `inMs` milliseconds
 * from now.
 */
export type Place = { at: number; inMs: number }

/** Takes the next `count` places in the queue shared by all replicas, at most `callsPerSecond` of them per second. */
export async function takePlaces(sql: Sql, callsPerSecond: number, count: number): Promise<Place[]> {
  const burst = Math.max(1, Math.floor(callsPerSecond / 5))
  const gapMs = 1_000 / Math.max(callsPerSecond - burst, callsPerSecond / 2)
  const span = `${gapMs * count} milliseconds`
  const furthest = `${furthestAheadMs} milliseconds`
  const [row] = await sql<{ freeAt: number; now: number }[]>`
    with clock as materialized (select clock_timestamp() as now),
      line as (
        insert into provider_pace as p (free_at) select now + ${span}::text::interval from clock
        on conflict on constraint provider_pace_pkey do update set free_at =
          least(greatest(p.free_at, (select now from clock)), (select now from clock) + ${furthest}::text::interval)
            + ${span}::text::interval
        returning free_at)
    select 1000 * extract(epoch from free_at)::float8 as free_at, 1000 * extract(epoch from now)::float8 as now
    from line, clock`
  const last = (row?.freeAt ?? 0) - gapMs * burst
  return Array.from({ length: count }, (_, index) => {
    const at = last - gapMs * (count - 1 - index)
    return { at, inMs: at - (row?.now ?? 0) }
  })
}
