// Calls and webhooks of the version before, which kept them in tables of their own, become durable work. Needed while
// a roll-out is in progress, and until these tables are empty; the next version drops them.

import { notTaken } from '@aisle/kit/work/liveness'
import type { PaymentsService } from '../context.ts'

const rowsAtOnce = 500
const lookEveryMs = 1_000

/** Moves rows that no living worker of the version before has claimed. Their keys stay what they were. */
export const adoptCalls = {
  name: 'adopt calls of the version before',
  async run({ db }: PaymentsService): Promise<number> {
    const { sql } = db
    const calls = await sql`
      with moved as (
        delete from provider_calls where key = any (array(
          select key from provider_calls where ${notTaken(sql)} or status <> 'pending'
          limit ${rowsAtOnce} for update skip locked))
        returning *)
      insert into work (key, kind, subject, data, status, tries, next_try_at, error, traceparent, created_at,
        finished_at)
      select key, op, payment_id::text,
        params || jsonb_build_object('paymentId', payment_id)
          || case when refund_id is null then '{}' else jsonb_build_object('refundId', refund_id) end,
        status, tries, next_try_at, error, traceparent, created_at,
        case when status <> 'pending' then coalesce(finished_at, created_at) end
      from moved on conflict on constraint work_pkey do nothing`
    const webhooks = await sql`
      with moved as (
        delete from provider_events where id = any (array(
          select id from provider_events where ${notTaken(sql)} or state <> 'pending'
          limit ${rowsAtOnce} for update skip locked))
        returning *)
      insert into work (key, kind, subject, data, status, tries, next_try_at, error, created_at, finished_at)
      select 'webhook:' || id || ':1', 'webhook', coalesce(payment_id::text, id),
        jsonb_build_object('type', type, 'objectId', object_id, 'intentId', intent_id, 'paymentId', payment_id),
        case state when 'unknown' then 'dead' else state end, tries, next_try_at, error, received_at,
        case when state <> 'pending' then received_at end
      from moved on conflict on constraint work_pkey do nothing`
    return Math.max(calls.count, webhooks.count) === rowsAtOnce ? 0 : lookEveryMs
  },
}
