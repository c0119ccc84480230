// The messages orders consumes from other services, and what each means for an order. Each decision is taken
// under the order's row lock: the first commit wins, and the loser of every race (expire, cancel, pay) finds
// the order moved and does nothing.

import { ExpirationComplete } from '@aisle/contracts/messages/expiration'
import { OrderUnknown } from '@aisle/contracts/messages/orders'
import {
  PaymentAuthorized,
  PaymentCreated,
  PaymentDelayed,
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundFailed,
  type PaymentState,
} from '@aisle/contracts/messages/payments'
import { TicketRefused, TicketReserved } from '@aisle/contracts/messages/tickets'
import { type Later, later, on } from '@aisle/kit/bus/reaction'
import type { Sql, Tx } from '@aisle/kit/db/database'
import type { OrdersService } from '../context.ts'
import { decide, type OrderAction } from '../order.ts'
import { lockOrder, moveOrder } from '../queries.ts'

const earlyMs = 200
/** Messages of payments and tickets are about a payment or a ticket; the decision is about the order. */
const aboutOrder = ({ orderId }: { orderId?: string }) => orderId

export const confirmHold = on(
  TicketReserved,
  async (tx, { data: ticket }, service: OrdersService) => {
    if (!ticket.orderId) return
    return apply(tx, ticket.orderId, holdUnlessBanned(tx.sql, ticket.orderId), service, ticket.id)
  },
  aboutOrder,
)

/** Read after the order was committed: a ban that missed the order while it was being placed is seen here. */
async function holdUnlessBanned(sql: Sql, orderId: string): Promise<OrderAction> {
  const [banned] = await sql<{ whose: 'buyer' | 'seller' }[]>`
    select case when u.id = o.buyer_id then 'buyer' else 'seller' end as whose
    from orders o join users u on u.id in (o.buyer_id, o.seller_id) where o.id = ${orderId} and u.banned limit 1`
  return banned ? { type: 'ban', whose: banned.whose } : { type: 'hold' }
}

export const refuseHold = on(
  TicketRefused,
  (tx, { data }, service: OrdersService) =>
    apply(tx, data.orderId, { type: 'refuse-hold', reason: data.reason }, service),
  aboutOrder,
)

export const expireOrder = on(
  ExpirationComplete,
  (tx, { data }, service: OrdersService) =>
    apply(tx, data.orderId, { type: 'expire', at: new Date(data.expiresAt) }, service),
  aboutOrder,
)

export const extendOrder = on(
  PaymentDelayed,
  (tx, { data }, service: OrdersService) =>
    apply(tx, data.orderId, { type: 'extend', until: new Date(data.expiresAt) }, service),
  aboutOrder,
)

export const acceptPayment = on(
  PaymentAuthorized,
  (tx, { data: { orderId, id: paymentId, amount, currency } }, service: OrdersService) =>
    apply(tx, orderId, (at) => ({ type: 'authorize', paymentId, amount, currency, at }), service),
  aboutOrder,
)

export const completeOrder = on(
  PaymentCreated,
  (tx, { data }, service: OrdersService) => apply(tx, data.orderId, { type: 'capture', paymentId: data.id }, service),
  aboutOrder,
)

export const failPayment = on(
  PaymentFailed,
  async (tx, { data }, service: OrdersService) => {
    if (data.final) return apply(tx, data.orderId, { type: 'fail-payment', paymentId: data.id }, service)
  },
  aboutOrder,
)

export const refundOrder = on(
  PaymentRefunded,
  async (tx, { data }, service: OrdersService) => {
    // A partial refund does not undo the sale.
    if (data.status === 'refunded') return followRefund(tx, data, 'refund', service)
  },
  aboutOrder,
)

export const undoRefund = on(
  PaymentRefundFailed,
  (tx, { data }, service: OrdersService) => followRefund(tx, data, 'fail-refund', service),
  aboutOrder,
)

/**
 * A refund can succeed, fail later, and be retried. Of two messages about it the newer one wins, whichever
 * arrives first.
 */
async function followRefund(
  tx: Tx,
  { orderId, id: paymentId, version }: PaymentState,
  type: 'refund' | 'fail-refund',
  service: OrdersService,
): Promise<Later | undefined> {
  const order = await lockOrder(tx.sql, orderId)
  if (order && order.paymentVersion >= version) return undefined
  const put = await apply(tx, orderId, { type, paymentId }, service)
  if (!put) tx.send(tx.sql`update orders set payment_version = ${version} where id = ${orderId}`)
  return put
}

/**
 * `does` may depend on the moment at which the order is locked: after waiting for the lock, the decision uses
 * the time after the wait.
 */
async function apply(
  tx: Tx,
  orderId: string,
  does: OrderAction | Promise<OrderAction> | ((lockedAt: Date) => OrderAction),
  { clock, log }: OrdersService,
  ticketId?: string,
): Promise<Later | undefined> {
  const [asked, order] = await Promise.all([does, lockOrder(tx.sql, orderId)])
  const now = clock.now()
  const action = typeof asked === 'function' ? asked(now) : asked
  if (!order) {
    // An order exists before anyone receives a message about it, so this one was lost: the database was
    // restored, or failed over to a replica that lagged behind. If money was taken for it, a person must
    // decide; this message waits for that.
    if (action.type === 'capture' || action.type === 'refund' || action.type === 'fail-refund')
      throw new Error(`The order ${orderId} was paid and is not here: it was lost. See docs/runbook.md, "Lost orders".`)
    log.error(
      { order: orderId, action: action.type },
      'an order that other services know does not exist here; telling them to release it',
    )
    tx.emit(OrderUnknown, orderId, { orderId, version: 1, ...(ticketId ? { ticketId } : {}) })
    return undefined
  }
  const decision = decide(order, action)
  if ('early' in decision) return later(earlyMs)
  moveOrder(tx, order, decision, now)
  return undefined
}
