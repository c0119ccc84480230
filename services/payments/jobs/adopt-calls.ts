// Calls and webhooks of the version before, which kept them in tables of their own, become durable work under the
// same keys. Needed while a roll-out is in progress, and until these tables are empty; the next version drops them.
//
// What is pending moves as soon as no living worker has it. The history moves afterwards, when no process of the
// version before is left that still counts in it which key comes next.

import { notTaken } from '@aisle/kit/work/liveness'
import type { PaymentsService } from '../context.ts'

const rowsAtOnce = 500
const pauseMs = 1_000

export const adoptCalls = {
  name: 'adopt calls of the version before',
  async run({ db }: PaymentsService): Promise<number> {
    const { sql } = db
    const pending = sql`status = 'pending' and ${notTaken(sql)}`
    const pendingEvents = sql`state = 'pending' and ${notTaken(sql)}`
    const [moved, movedEvents] = [await moveCalls(pending), await moveEvents(pendingEvents)]
    if (moved + movedEvents > 0) return 0
    // A worker of the version before names its connection differently.
    const [old] = await sql`
      select from pg_stat_activity where datname = current_database() and application_name like '% presence' limit 1`
    if (!old) {
      await moveCalls(sql`status <> 'pending'`)
      await moveEvents(sql`state <> 'pending'`)
    }
    return pauseMs

    async function moveCalls(which: typeof pending): Promise<number> {
      const { count } = await sql`
        with moved as (
          delete from provider_calls where key = any (array(
            select key from provider_calls where ${which} limit ${rowsAtOnce} for update skip locked))
          returning *)
        insert into work as w (key, kind, subject, data, status, tries, next_try_at, error, traceparent, created_at,
          finished_at)
        select key, op, payment_id::text,
          params || jsonb_build_object('paymentId', payment_id)
            || case when refund_id is null then '{}' else jsonb_build_object('refundId', refund_id) end,
          status, tries, next_try_at, error, traceparent, created_at,
          case when status <> 'pending' then coalesce(finished_at, created_at) end
        from moved on conflict on constraint work_pkey do update set status = 'pending', finished_at = null,
          next_try_at = excluded.next_try_at
        where w.status = 'failed' and excluded.status = 'pending'`
      return count
    }

    async function moveEvents(which: typeof pendingEvents): Promise<number> {
      const { count } = await sql`
        with moved as (
          delete from provider_events where id = any (array(
            select id from provider_events where ${which} limit ${rowsAtOnce} for update skip locked))
          returning *)
        insert into work (key, kind, subject, data, status, tries, next_try_at, error, created_at, finished_at)
        select 'webhook:' || id || ':1', 'webhook', coalesce(payment_id::text, id),
          jsonb_build_object('type', type, 'objectId', object_id, 'intentId', intent_id, 'paymentId', payment_id),
          case state when 'unknown' then 'dead' else state end, tries, next_try_at, error, received_at,
          case when state <> 'pending' then received_at end
        from moved on conflict on constraint work_pkey do nothing`
      return count
    }
  },
}
