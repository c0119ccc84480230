// Reads and moves orders. `moveOrder` is the only place that changes an order and writes its message.

import type { CancelReason, Order, OrderRecord, Seat, TicketEvent } from '@aisle/contracts/entities'
import {
  OrderCancelled,
  OrderCompleted,
  OrderExtended,
  OrderPaymentAccepted,
  OrderRefunded,
  OrderReserved,
  type OrderState,
} from '@aisle/contracts/messages/orders'
import { tidyOrderNumber } from '@aisle/contracts/order-number'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import type { Decision } from './order.ts'

export type OrderRow = {
  id: string
  /** For people; empty until `number orders` gets to an order from before there were numbers. */
  number: string | null
  version: number
  status: Order['status']
  reason: Order['reason'] | null
  /** The reason given by the admin who cancelled it. */
  cancelNote: string | null
  buyerId: string
  sellerId: string
  ticketId: string
  ticketVersion: number
  title: string
  price: number
  currency: Order['ticket']['currency']
  event: TicketEvent | null
  seat: Seat | null
  paymentId: string | null
  /** The version of the payment up to which the order has followed refunds. */
  paymentVersion: number
  expiresAt: Date
  createdAt: Date
  updatedAt: Date
}

/** What the buyer sees of an order. */
export function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    ...(row.number ? { number: row.number } : {}),
    status: row.status,
    ...(row.reason ? { reason: row.reason } : {}),
    ...(row.cancelNote ? { note: row.cancelNote } : {}),
    expiresAt: row.expiresAt.toISOString(),
    ticket: {
      id: row.ticketId,
      title: row.title,
      price: row.price,
      currency: row.currency,
      ...(row.event ? { event: row.event } : {}),
      ...(row.seat ? { seat: row.seat } : {}),
    },
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

const saidReasons = {
  buyer: 'buyer',
  expired: 'expired',
  'ticket-unavailable': 'ticket-unavailable',
  'price-changed': 'price-changed',
  'payment-failed': 'payment-failed',
  'event-begun': 'expired',
  'seller-banned': 'ticket-unavailable',
  'buyer-banned': 'buyer',
  admin: 'ticket-unavailable',
} as const satisfies Record<CancelReason, OrderState['reason']>

/** What the other services receive about an order. */
export function toState(row: OrderRow): OrderState {
  const { reason, note: _, ...order } = toOrder(row)
  return {
    ...order,
    ...(reason ? { reason: saidReasons[reason] } : {}),
    buyerId: row.buyerId,
    sellerId: row.sellerId,
    ticketVersion: row.ticketVersion,
    ...(row.paymentId ? { paymentId: row.paymentId } : {}),
  }
}

/** What an admin sees of an order. */
export const toRecord = (row: OrderRow): OrderRecord => ({
  ...toOrder(row),
  buyerId: row.buyerId,
  sellerId: row.sellerId,
  ...(row.paymentId ? { paymentId: row.paymentId } : {}),
})

/** The buyer's view of what the other services receive. */
export function publicOf({
  buyerId: _,
  sellerId: __,
  ticketVersion: ___,
  paymentId: ____,
  ...order
}: OrderState): Order {
  return order
}

/** The order number that someone has typed, in its one spelling. */
export function readNumber(typed: string | undefined): string | undefined | Refusal {
  if (typed === undefined) return undefined
  return tidyOrderNumber(typed) ?? refuse('invalid', { field: 'number', message: 'is not an order number' })
}

/** Locks an order until the end of the transaction. Every decision about it is taken under this lock. */
export async function lockOrder(sql: Sql, id: string): Promise<OrderRow | null> {
  const [row] = await sql<OrderRow[]>`select * from orders where id = ${id} for update`
  return row ?? null
}

/**
 * Records the order that `from` has just inserted or changed as a step of its story. It is the second half of
 * that statement.
 */
export const recordStep = (sql: Sql, from: 'placed' | 'moved' | 'extended') => sql`
  insert into order_steps (order_id, version, status, reason, expires_at, at)
  select id, version, status, reason, expires_at, updated_at from ${sql(from)}`

const messageOf = {
  'awaiting:payment': OrderReserved,
  paying: OrderPaymentAccepted,
  complete: OrderCompleted,
  refunded: OrderRefunded,
  cancelled: OrderCancelled,
}

/** Applies a decision to a locked order: the row and its message. Does nothing if the decision is to do nothing. */
export function moveOrder(tx: Tx, row: OrderRow, decision: Decision, now: Date): void {
  if ('extendTo' in decision) extendOrder(tx, row, decision.extendTo, now)
  const to = decision.move
  if (to === null || to === 'created') return
  const { reason = null, paymentId = row.paymentId } = decision
  const moved: OrderRow = { ...row, status: to, reason, paymentId, version: row.version + 1, updatedAt: now }
  tx.send(tx.sql`
    with moved as (
      update orders set status = ${to}, reason = ${reason}, payment_id = ${paymentId}, version = ${moved.version},
        updated_at = ${now}
      where id = ${row.id} returning *)
    ${recordStep(tx.sql, 'moved')}`)
  tx.emit(messageOf[to], row.id, toState(moved))
}

function extendOrder(tx: Tx, row: OrderRow, expiresAt: Date, now: Date): void {
  const extended: OrderRow = { ...row, expiresAt, version: row.version + 1, updatedAt: now }
  tx.send(tx.sql`
    with extended as (
      update orders set expires_at = ${expiresAt}, version = ${extended.version}, updated_at = ${now}
      where id = ${row.id} returning *)
    ${recordStep(tx.sql, 'extended')}`)
  tx.emit(OrderExtended, row.id, toState(extended))
}
