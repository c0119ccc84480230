// Deletes finished work when its queue no longer keeps it. In small batches, so that no transaction holds back the
// message log.

import type { Sql } from '../db/database.ts'
import type { Clock } from '../time/clock.ts'
import type { AnyPerformer } from './work.ts'

const dayMs = 24 * 60 * 60 * 1000
const rowsAtOnce = 1_000
const everyMs = 10 * 60 * 1000

/** Deletes a bounded number of rows; resolves to the milliseconds until the next time. */
export async function forgetWork(sql: Sql, clock: Clock, performers: readonly AnyPerformer[]): Promise<number> {
  let isMore = false
  for (const [queue, those] of Map.groupBy(performers, ({ work }) => work.queue)) {
    const before = new Date(clock.now().getTime() - queue.keptDays * dayMs)
    const forgotten = await sql`
      delete from work where key = any (array(
        select key from work
        where kind = any(${those.map(({ work }) => work.kind)}) and status <> 'pending' and finished_at < ${before}
        limit ${rowsAtOnce}))`
    isMore ||= forgotten.count === rowsAtOnce
  }
  return isMore ? 100 : everyMs
}
