// The time of the service's database. Replicas compare times that others have written with their own (windows,
// leases, retries), so all of them use one clock; the clock of the machine that a process runs on may be wrong and
// may jump. Between two readings it advances with the process's monotonic clock, which does neither.

import type { Sql } from '../db/database.ts'
import { type Clock, systemClock } from './clock.ts'

/** Short, since the monotonic clock of a machine that slept has stood still meanwhile. */
const readEveryMs = 1_000

export type DatabaseClock = Clock & {
  /**
   * Reads the database's clock; resolves to the milliseconds until the next reading. For a loop, and once before
   * the first `now`.
   */
  read(): Promise<number>
}

/**
 * A clock that follows `readMs`, milliseconds since 1970, and advances with `monotonicMs` between readings. `now`
 * throws before the first reading.
 */
export function followClock(readMs: () => Promise<number>, monotonicMs = () => performance.now()): DatabaseClock {
  let aheadMs: number | null = null
  return {
    after: systemClock.after,
    now() {
      if (aheadMs === null) throw new Error('The clock was not read yet.')
      return new Date(monotonicMs() + aheadMs)
    },
    async read() {
      const askedAt = monotonicMs()
      const ms = await readMs()
      // The database read its clock at some time in between: a clock that agrees with that is left alone, however
      // slow the answer was.
      const [least, most] = [ms - monotonicMs(), ms - askedAt]
      aheadMs = aheadMs === null ? (least + most) / 2 : Math.min(Math.max(aheadMs, least), most)
      return readEveryMs
    },
  }
}

/** The clock of the database behind `sql`. */
export const databaseClock = (sql: Sql): DatabaseClock =>
  followClock(async () => {
    const [row] = await sql<{ ms: number }[]>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`
    return row!.ms
  })
