// The time of the service's database. Its replicas write moments that the others compare with theirs (windows, leases, when to try again), so all of them go by
// one clock; that of the machine that a process runs on may be wrong and may jump. In between two readings it goes on with the process's monotonic clock,
// which does neither.

import type { Sql } from '../db/database.ts'
import { type Clock, systemClock } from './clock.ts'

/** The monotonic clock of a machine that was asleep has stood still meanwhile. */
const readEveryMs = 1_000

export type DatabaseClock = Clock & {
  /** Reads the database's clock; for a loop, and once before the first `now`. */
  read(): Promise<number>
}

/** A clock that goes by `readMs`, milliseconds since 1970, and by `monotonicMs` since it was read. */
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
      // It was read at some moment in between: a clock that agrees with that is left alone, however slow the answer was.
      const [least, most] = [ms - monotonicMs(), ms - askedAt]
      aheadMs = aheadMs === null ? (least + most) / 2 : Math.min(Math.max(aheadMs, least), most)
      return readEveryMs
    },
  }
}

/** The clock of the database of `sql`. */
export const databaseClock = (sql: Sql): DatabaseClock =>
  followClock(async () => {
    const [row] = await sql<{ ms: number }[]>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`
    return row!.ms
  })
