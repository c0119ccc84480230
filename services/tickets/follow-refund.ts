// Tracks whether the buyer of a sold ticket got the whole price back. Then the seller may list the seat again,
// as a new ticket: the order keeps its original one, so no ticket ever has two paid orders. A refund can fail
// later and be retried; of two messages about it the one with the newer version of the order wins.

import type { OrderState } from '@aisle/contracts/messages/orders'
import { TicketSold } from '@aisle/contracts/messages/tickets'
import type { Tx } from '@aisle/kit/db/database'
import { type TicketRow, ticketColumns, ticketJoins, toState } from './queries.ts'

/**
 * Records on the order's sold ticket since when it is refunded, or that it is not. A ticket whose seat was
 * listed again stays refunded.
 */
export async function followRefund(tx: Tx, order: OrderState, refundedAt: Date | null, now: Date): Promise<void> {
  const { sql } = tx
  const isFree = sql`not exists (
    select from tickets o where o.id <> t.id and o.event_id = t.event_id and o.seat_key = t.seat_key
      and o.seat_key <> '' and o.refunded_at is null and o.status in ('listed', 'reserved', 'sold'))`
  const isOf = sql`t.id = ${order.ticket.id} and t.order_id = ${order.id} and t.status = 'sold'
    and t.held_version < ${order.version}`
  const [moved] = await sql<TicketRow[]>`
    with t as (
      update tickets t set refunded_at = ${refundedAt}, held_version = ${order.version}, version = version + 1,
        updated_at = ${now}
      where ${isOf} and (t.refunded_at is null) = ${refundedAt !== null}
        ${refundedAt === null ? sql`and ${isFree}` : sql``}
      returning *)
    select ${ticketColumns(sql)} from t ${ticketJoins(sql)}`
  if (moved) tx.emit(TicketSold, moved.id, toState(moved))
  else tx.send(sql`update tickets t set held_version = ${order.version} where ${isOf}`)
}
