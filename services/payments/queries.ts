// Reads and moves payments. `movePayment` is the only place that changes a payment's status and writes its
// message.

import type { OrderStatus, Payment, Refund } from '@aisle/contracts/entities'
import {
  PaymentAuthorized,
  PaymentCreated,
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundFailed,
  type PaymentState,
  PaymentVoided,
} from '@aisle/contracts/messages/payments'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { book, saleEntries } from './ledger.ts'
import { next, type PaymentAction } from './payment.ts'

export type PaymentRow = {
  id: string
  orderId: string
  attempt: number
  version: number
  status: Payment['status']
  method: 'token' | 'page'
  amount: number
  fee: number
  currency: Payment['currency']
  amountRefunded: number
  stripeId: string | null
  stripeRefundId: string | null
  declineCode: string | null
  sessionId: string | null
  pageUrl: string | null
  pageEndsAt: Date | null
  address: string | null
  nextLookAt: Date | null
  looks: number
  traceparent: string | null
  createdAt: Date
  updatedAt: Date
}

/** The payment that a request to the provider is about. */
export type PaymentSubject = Pick<PaymentRow, 'id' | 'orderId' | 'amount' | 'currency'> & {
  orderNumber: string | null
}

/** How the provider's pages and receipts name the order; nothing if it has no number. */
export const descriptionOf = ({ orderNumber }: PaymentSubject): { description?: string } =>
  orderNumber === null ? {} : { description: `Order ${orderNumber}` }

export type OrderRow = {
  id: string
  /** For people; empty for an order from before there were numbers. */
  number: string | null
  status: OrderStatus
  buyerId: string
  sellerId: string
  title: string
  details: string
  price: number
  currency: Payment['currency']
  paymentId: string | null
  expiresAt: Date
  /** The span in which the first message about the order was consumed. */
  traceparent: string | null
}

export type RefundRow = {
  id: string
  paymentId: string
  status: Refund['status']
  amount: number
  fee: number
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

/** The buyer's view, with the URL of the provider's page while it is open. The URL is of no use to anyone else. */
export const toBuyersPayment = (row: PaymentRow): Payment => ({
  ...toPayment(row),
  ...(row.pageUrl === null || row.status !== 'created' ? {} : { url: row.pageUrl }),
})

/** What the other services receive about a payment. `final`: no further payment attempt will follow. */
export function toState(row: PaymentRow, final: boolean): PaymentState {
  return { ...toPayment(row), version: row.version, attempt: row.attempt, final }
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

/** The payment as this user may see it. */
export const paymentFor = (userId: string, order: OrderRow | null, row: PaymentRow): Payment =>
  order?.buyerId === userId ? toBuyersPayment(row) : toPayment(row)

/** Whether the user is the buyer or the seller. */
export const isSide = (order: OrderRow | null, session: { userId: string }): boolean =>
  order?.buyerId === session.userId || order?.sellerId === session.userId

/** The buyer, the seller and admins. */
export const maySee = (order: OrderRow | null, session: { userId: string; role: string }): boolean =>
  isSide(order, session) || session.role === 'admin'

export async function readPayment(sql: Sql, id: string): Promise<PaymentRow | null> {
  const [row] = await sql<PaymentRow[]>`select * from payments where id = ${id}`
  return row ?? null
}

/** The payment with this id, or this id at the provider. */
export async function findPayment(
  sql: Sql,
  { paymentId, intentId }: { paymentId: string | null; intentId: string | null },
): Promise<PaymentRow | null> {
  const [row] = await sql<PaymentRow[]>`
    select * from payments where id = ${paymentId} or stripe_id = ${intentId} limit 1`
  return row ?? null
}

/** The payment that a call is about. */
export async function paymentOf(sql: Sql, call: { key: string; data: { paymentId: string } }): Promise<PaymentRow> {
  const payment = await readPayment(sql, call.data.paymentId)
  if (!payment) throw new Error(`The call ${call.key} is about a payment that is not here.`)
  return payment
}

/** Locks a payment until the end of the transaction. Every result from the provider is written under this lock. */
export async function lockPayment(sql: Sql, id: string): Promise<PaymentRow> {
  const [row] = await sql<PaymentRow[]>`select * from payments where id = ${id} for update`
  if (!row) throw new Error(`The payment ${id} is not here.`)
  return row
}

/** How many declined cards the order has had. */
export async function countDeclines(sql: Sql, orderId: string): Promise<number> {
  const [row] = await sql<
    { count: number }[]
  >`select count(*)::int as count from payments where order_id = ${orderId} and status = 'declined'`
  return row?.count ?? 0
}

export type Changes = Partial<Pick<PaymentRow, 'stripeId' | 'stripeRefundId' | 'declineCode' | 'amountRefunded'>>

/** Moves a locked payment and announces it. Resolves to null and does nothing if the action changes nothing. */
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
  moved.nextLookAt = nextLook(moved, now)
  tx.send(tx.sql`
    update payments set status = ${status}, version = ${moved.version}, stripe_id = ${moved.stripeId},
      stripe_refund_id = ${moved.stripeRefundId}, decline_code = ${moved.declineCode},
      amount_refunded = ${moved.amountRefunded}, next_look_at = ${moved.nextLookAt}, updated_at = ${now}
    where id = ${row.id}`)
  const final = action.type === 'fail-capture' || (action.type === 'decline' && action.last)
  const state = toState(moved, final)
  switch (action.type) {
    case 'authorize':
      tx.emit(PaymentAuthorized, row.id, state)
      break
    case 'capture':
      book(tx, saleEntries(moved), moved, null, now)
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
    case 'fail-refund':
      tx.emit(PaymentRefundFailed, row.id, state)
      break
    default:
      action satisfies never
  }
  return moved
}

/** The provider's id of an authorised payment. */
export function stripeIdOf(payment: PaymentRow): string {
  if (!payment.stripeId) throw new Error(`The payment ${payment.id} has no provider id yet.`)
  return payment.stripeId
}

const lookEveryMs = 30_000
const refundLookMs = 5_000
const longestGapMs = 24 * 60 * 60 * 1000
/** About eight days after a refund last changed, nothing more is to be expected. */
const refundLooks = 22

/** When to ask the provider about a payment if no news arrives before. */
function nextLook({ status, amountRefunded, looks }: PaymentRow, now: Date): Date | null {
  const after = (ms: number) => new Date(now.getTime() + ms)
  switch (status) {
    case 'created':
    case 'authorized':
      return after(lookEveryMs)
    case 'captured':
    case 'refunded':
      return (status === 'captured' && amountRefunded === 0 && looks === 0) || looks > refundLooks
        ? null
        : after(Math.min(refundLookMs * 2 ** looks, longestGapMs))
    default:
      return null
  }
}

/** Records a scheduled poll of the provider about a locked payment. */
export function lookedAt(tx: Tx, row: PaymentRow, now: Date): void {
  row.looks += 1
  row.nextLookAt = nextLook(row, now)
  tx.send(tx.sql`update payments set looks = ${row.looks}, next_look_at = ${row.nextLookAt} where id = ${row.id}`)
}

/** A refund of this payment has changed: poll it closely again. */
export const lookAgain = (tx: Tx, row: PaymentRow, now: Date): void => {
  row.looks = 1
  row.nextLookAt = nextLook(row, now)
  tx.send(tx.sql`update payments set looks = 1, next_look_at = ${row.nextLookAt} where id = ${row.id}`)
}
