// Limits what one buyer may hold, so that no one can keep a whole event off sale, be it idly or for resale. The
// limit is exact because a buyer's reservations take turns: lockBuyer.

import type { RefusalCode } from '@aisle/contracts/refusals'
import type { Sql, Tx } from '@aisle/kit/db/database'
import type { OrdersService } from './context.ts'
import { decide } from './order.ts'
import { moveOrder, type OrderRow } from './queries.ts'

export type Holdings = {
  /** Unpaid orders. */
  unpaid: number
  /** Tickets of the event that are bought or in an unpaid order. */
  ofEvent: number
  /** The buyer has an order that is not over, and has not confirmed their email. */
  mustConfirm: boolean
}

/**
 * Makes a buyer's reservations take turns until the end of the transaction. Statements sent after it see an
 * exact count.
 */
export const lockBuyer = (sql: Sql, buyerId: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`buyer ${buyerId}`}, 0))`.execute()

/** The columns of Holdings: of the buyer, for the event of `t`, a row of tickets. Without an event, `ofEvent` is 0. */
export const holdingColumns = (sql: Sql, buyerId: string) => sql`
  (select count(*)::int from orders u
    where u.buyer_id = ${buyerId} and u.status in ('created', 'awaiting:payment')) as unpaid,
  (select count(*)::int from orders h
    where h.buyer_id = ${buyerId} and h.event ->> 'id' = t.event ->> 'id'
      and h.status in ('created', 'awaiting:payment', 'paying', 'complete')) as of_event,
  ${mustConfirm(sql, buyerId)} as must_confirm`

/** False while auth has not said whether the buyer has confirmed their email. */
const mustConfirm = (sql: Sql, buyerId: string) => sql`
  exists (select from users where id = ${buyerId} and not confirmed) and exists (
    select from orders c
    where c.buyer_id = ${buyerId} and c.status in ('created', 'awaiting:payment', 'paying', 'complete'))`

/** Whether orders knows if the buyer has confirmed their email. */
export async function isConfirmationKnown(sql: Sql, buyerId: string): Promise<boolean> {
  const known = await sql`select from users where id = ${buyerId} and confirmed is not null`
  return known.length > 0
}

/** Whether the buyer must confirm their email before they may reserve one more. */
export async function mustConfirmFirst(sql: Sql, buyerId: string): Promise<boolean> {
  const [row] = await sql<[Pick<Holdings, 'mustConfirm'>]>`select ${mustConfirm(sql, buyerId)} as must_confirm`
  return row.mustConfirm
}

/** Why the buyer may not hold one more, or null. Pure. */
export function whyNoMore(
  { unpaid, ofEvent, mustConfirm }: Holdings,
  { MAX_UNPAID_ORDERS, MAX_TICKETS_PER_EVENT, UNCONFIRMED_ADDRESSES }: OrdersService['config'],
): Extract<RefusalCode, 'too-many-orders' | 'too-many-tickets' | 'address-unconfirmed'> | null {
  if (mustConfirm && UNCONFIRMED_ADDRESSES === 'limited') return 'address-unconfirmed'
  if (unpaid >= MAX_UNPAID_ORDERS) return 'too-many-orders'
  return ofEvent >= MAX_TICKETS_PER_EVENT ? 'too-many-tickets' : null
}

/**
 * Ends the buyer's orders whose windows have run out and that are still open; resolves to whether there were
 * any. Skips orders another transaction is ending: waiting for them here could deadlock.
 */
export async function endLapsed(tx: Tx, buyerId: string, now: Date): Promise<boolean> {
  const lapsed = await tx.sql<OrderRow[]>`
    select * from orders where buyer_id = ${buyerId} and status in ('created', 'awaiting:payment')
      and expires_at <= ${now} order by id for update skip locked`
  for (const order of lapsed) moveOrder(tx, order, decide(order, { type: 'expire', at: now }), now)
  return lapsed.length > 0
}
