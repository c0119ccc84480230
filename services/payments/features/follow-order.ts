// Payments follows orders: an accepted payment is captured, a cancelled order's authorisation is voided. Buyers
// are never charged for a ticket they do not get: the loser of every race is voided, not refunded.

import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderExtended,
  OrderPaymentAccepted,
  OrderRefunded,
  OrderReserved,
  type OrderState,
  OrderUnknown,
} from '@aisle/contracts/messages/orders'
import { type Copied, mirror, on } from '@aisle/kit/bus/reaction'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { Capture, EndPage, Void } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import type { PaymentRow } from '../queries.ts'

/** Mirrors orders: newer versions win. First in the list of reactions, because the others rely on it. */
export const followOrder = mirror(
  [OrderCreated, OrderReserved, OrderExtended, OrderPaymentAccepted, OrderCompleted, OrderCancelled, OrderRefunded],
  (tx, states, { arrivals }: PaymentsService, { again }) => {
    tx.send(copy(tx.sql, states.map(rowOf), again))
    tx.afterCommit(() => {
      for (const { data } of states) arrivals.notify(data.id)
    })
  },
)

const rowOf = ({ data: order, traceparent }: Copied<OrderState>) => ({
  id: order.id,
  number: order.number,
  version: order.version,
  status: order.status,
  buyer_id: order.buyerId,
  seller_id: order.sellerId,
  ticket_id: order.ticket.id,
  title: order.ticket.title,
  details: detailsOf(order),
  price: order.ticket.price,
  currency: order.ticket.currency,
  payment_id: order.paymentId,
  expires_at: order.expiresAt,
  traceparent,
})

function copy(sql: Sql, orders: readonly object[], again: boolean) {
  return sql`
    insert into orders as o (id, number, version, status, buyer_id, seller_id, ticket_id, title, details, price,
      currency, payment_id, expires_at, traceparent)
    select * from jsonb_to_recordset(${JSON.stringify(orders)}::text::jsonb) as ordered (id uuid, number text,
      version integer, status text, buyer_id uuid, seller_id uuid, ticket_id uuid, title text, details text,
      price integer, currency text, payment_id uuid, expires_at timestamptz, traceparent text)
    on conflict on constraint orders_pkey do update set version = excluded.version, status = excluded.status,
      payment_id = excluded.payment_id, expires_at = excluded.expires_at, ticket_id = excluded.ticket_id,
      number = coalesce(excluded.number, o.number)
    where o.version < excluded.version or ${again}
      -- Numbered since: orders from before there were numbers.
      or (o.version = excluded.version and o.number is null)`
}

/** The event and the seat in one line, as far as they are known. */
function detailsOf({ ticket: { event, seat } }: OrderState): string {
  const place = seat ? [seat.section, seat.row, seat.number].filter(Boolean).join(' / ') : ''
  return [event?.name, event?.venue, place].filter(Boolean).join(', ')
}

export const captureAccepted = on(OrderPaymentAccepted, async (tx, { data: order }) => {
  if (!order.paymentId) throw new Error(`Order ${order.id} accepted a payment without naming it.`)
  const [payment] = await tx.sql<
    PaymentRow[]
  >`select * from payments where id = ${order.paymentId} and status = 'authorized'`
  if (payment) await tx.later(Capture, payment.id, { paymentId: payment.id })
})

export const voidPayment = on(OrderCancelled, (tx, { data: order }) => letGo(tx, order.id))

/** The order is lost, so it will never accept a payment. Money already taken stays where it is; a person decides. */
export const voidForUnknown = on(OrderUnknown, async (tx, { data: { orderId } }) => {
  tx.send(tx.sql`
    update orders set status = 'cancelled' where id = ${orderId}
      and status in ('created', 'awaiting:payment', 'paying')`)
  await letGo(tx, orderId)
})

async function letGo(tx: Tx, orderId: string): Promise<void> {
  // A payment still being authorised, or whose page is still being opened, is ended by the transaction that
  // commits that: it reads the mirror. The row lock makes the two take turns.
  const [payment] = await tx.sql<
    PaymentRow[]
  >`select * from payments where order_id = ${orderId} and status in ('created', 'authorized') for update`
  if (!payment) return
  const { id, status, sessionId } = payment
  if (status === 'authorized') await tx.later(Void, id, { paymentId: id })
  if (status === 'created' && sessionId) await tx.later(EndPage, id, { paymentId: id })
}
