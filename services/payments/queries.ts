// Reading and moving payments. `movePayment` is the only place where a payment changes its status, and where its message is written.

import type { OrderStatus, Payment, Refund } from '@aisle/contracts/entities'
import {
  PaymentAuthorized,
  PaymentCreated,
  PaymentFailed,
  PaymentRefunded,
  type PaymentState,
  PaymentVoided,
} from '@aisle/contracts/messages/payments'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { next, type PaymentAction } from './payment.ts'

export type PaymentRow = {
  id: string
  orderId: string
  attempt: number
  version: number
  status: Payment['status']
  amount: number
  currency: Payment['currency']
  amountRefunded: number
  stripeId: string | null
  stripeRefundId: string | null
  declineCode: string | null
  createdAt: Date
  updatedAt: Date
}

export type OrderRow = {
  id: string
  status: OrderStatus
  buyerId: string
  sellerId: string
  price: number
  currency: Payment['currency']
  paymentId: string | null
  expiresAt: Date
}

export type RefundRow = {
  id: string
  paymentId: string
  status: Refund['status']
  amount: number
  stripeId: string | null
  createdAt: Date
}

export function toPayment(row: PaymentRow): Payment {
  return {
    id: row.id,
    orderId: row.orderId,
    status: row.status,
    amount: row.amount,
    currency: row.currency,
    amountRefunded: row.amountRefunded,
    ...(row.stripeId === null ? {} : { stripeId: row.stripeId }),
    ...(row.stripeRefundId === null ? {} : { stripeRefundId: row.stripeRefundId }),
    ...(row.declineCode === null ? {} : { declineCode: row.declineCode }),
    createdAt: row.createdAt.toISOString(),
  }
}

export const toRefund = (row: RefundRow, payment: PaymentRow): Refund => ({
  id: row.id,
  paymentId: row.paymentId,
  status: row.status,
  amount: row.amount,
  currency: payment.currency,
  createdAt: row.createdAt.toISOString(),
})

export async function readOrder(sql: Sql, id: string): Promise<OrderRow | null> {
  const [row] = await sql<OrderRow[]>`select * from orders where id = ${id}`
  return row ?? null
}

export async function readPayment(sql: Sql, id: string): Promise<PaymentRow | null> {
  const [row] = await sql<PaymentRow[]>`select * from payments where id = ${id}`
  return row ?? null
}

/** Locks a payment until the end of the transaction; every result from the provider is written under this lock. */
export async function lockPayment(sql: Sql, id: string): Promise<PaymentRow> {
  const [row] = await sql<PaymentRow[]>`select * from payments where id = ${id} for update`
  if (!row) throw new Error(`The payment ${id} is not here.`)
  return row
}

/** How many cards the order has had declined. */
export async function countDeclines(sql: Sql, orderId: string): Promise<number> {
  const [row] = await sql<
    { count: number }[]
  >`select count(*)::int as count from payments where order_id = ${orderId} and status = 'declined'`
  return row?.count ?? 0
}

export type Changes = Partial<Pick<PaymentRow, 'stripeId' | 'stripeRefundId' | 'declineCode' | 'amountRefunded'>>

/** Moves a locked payment and says so. Resolves to null, with nothing done, when the action changes nothing. */
export function movePayment(
  tx: Tx,
  row: PaymentRow,
  action: PaymentAction,
  changes: Changes,
  now: Date,
): PaymentRow | null {
  const status = next(row.status, action)
  if (status === null) return null
  const moved: PaymentRow = { ...row, ...changes, status, version: row.version + 1, updatedAt: now }
  tx.send(tx.sql`
    update payments set status = ${status}, version = ${moved.version}, stripe_id = ${moved.stripeId}, stripe_refund_id = ${moved.stripeRefundId},
      decline_code = ${moved.declineCode}, amount_refunded = ${moved.amountRefunded}, updated_at = ${now}
    where id = ${row.id}`)
  const final = action.type === 'fail-capture' || (action.type === 'decline' && action.last)
  const state: PaymentState = { ...toPayment(moved), version: moved.version, attempt: moved.attempt, final }
  switch (action.type) {
    case 'authorize':
      tx.emit(PaymentAuthorized, row.id, state)
      break
    case 'capture':
      tx.emit(PaymentCreated, row.id, state)
      break
    case 'decline':
    case 'fail-capture':
      tx.emit(PaymentFailed, row.id, state)
      break
    case 'void':
      tx.emit(PaymentVoided, row.id, state)
      break
    case 'refund':
      tx.emit(PaymentRefunded, row.id, state)
      break
    default:
      action satisfies never
  }
  return moved
}
