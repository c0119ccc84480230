// Announces the windows that have run out, earliest first and each exactly once: the row is locked, marked and
// announced in one transaction. Found by timers_due, so lateness does not grow with the number of timers set.

import { ExpirationComplete } from '@aisle/contracts/messages/expiration'
import type { Job } from '@aisle/kit/boot/service'
import type { Tracer } from '@aisle/tracing/span'
import { longestSleepMs } from '../alarm.ts'
import type { ExpirationService } from '../context.ts'

const rowsAtOnce = 200
/** Another replica holds due rows and is about to commit. */
const contendedMs = 5

export const ringTimers: Job<ExpirationService> = {
  name: 'ring timers',
  async run({ db, clock, tracer, parts: { alarm } }) {
    const now = clock.now()
    alarm.looking(now)
    const rung = await ring(db, tracer, now)
    if (rung === rowsAtOnce) return 0

    const [next] = await db.sql<{ dueAt: Date | null }[]>`select min(due_at) as due_at from timers where status = 'set'`
    const after = clock.now()
    const ms = sleepMs(next?.dueAt ?? null, now, after)
    alarm.sleeping(after, ms)
    return ms
  },
  wakeOn: ({ parts: { alarm } }, wake) => alarm.wakes(wake),
}

const ring = (db: ExpirationService['db'], tracer: Tracer, now: Date): Promise<number> =>
  db.tx(async (tx) => {
    const rows = await tx.sql<{ orderId: string; version: number; dueAt: Date; traceparent: string | null }[]>`
      update timers set status = 'rung', version = version + 1, changed_at = ${now}
      where order_id = any (array(
        select order_id from timers where status = 'set' and due_at <= ${now} order by due_at limit ${rowsAtOnce}
          for update skip locked))
      returning order_id, version, due_at, traceparent`
    for (const { orderId, version, dueAt, traceparent } of rows.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())) {
      const span = tracer.startSpan('ring', { kind: 'internal', parent: traceparent })
      tx.afterCommit(span.end)
      tx.from(span).emit(ExpirationComplete, orderId, { orderId, version, expiresAt: dueAt.toISOString() })
    }
    return rows.length
  })

/** How long to sleep if `next` is the earliest timer left after the poll at `looked`. */
function sleepMs(next: Date | null, looked: Date, now: Date): number {
  if (next === null) return longestSleepMs
  if (next <= looked) return contendedMs
  return Math.min(longestSleepMs, Math.max(0, next.getTime() - now.getTime()))
}
