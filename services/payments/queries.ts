// Reading and moving payments. `movePayment` is the only place where a payment changes its status, and where its message is written.

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

/** What a request to the provider is about. */
export type PaymentSubject = Pick<PaymentRow, 'id' | 'orderId' | 'amount' | 'currency'>

export type OrderRow = {
  id: string
  status: OrderStatus
  buyerId: string
  sellerId: string
  title: string
  details: string
  price: number
  currency: Payment['currency']
  paymentId: string | null
  expiresAt: Date
  /** The span in which the order was first heard of. */
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

/**
 * As its buyer sees it: while the provider's page is open, with its address. Nobody else can do anything good there.
 */
export const toBuyersPayment = (row: PaymentRow): Payment => ({
  ...toPayment(row),
  ...(row.pageUrl === null || row.status !== 'created' ? {} : { url: row.pageUrl }),
})

/** What the other services hear of a payment. `final`: no further attempt at paying will come. */
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

/** The payment as somebody sees it who may see it. */
export const paymentFor = (userId: string, order: OrderRow | null, row: PaymentRow): Payment =>
  order?.buyerId === userId ? toBuyersPayment(row) : toPayment(row)

/** The buyer or the seller. */
export const isSide = (order: OrderRow | null, session: { userId: string }): boolean =>
  order?.buyerId === session.userId || order?.sellerId === session.userId

/** The two sides of a sale, and admins. */
export const maySee = (order: OrderRow | null, session: { userId: string; role: string }): boolean =>
  isSide(order, session) || session.role === 'admin'

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
  moved.nextLookAt = nextLook(moved, now)
  tx.send(tx.sql`
    update payments set status = ${status}, version = ${moved.version}, stripe_id = ${moved.stripeId}, stripe_refund_id = ${moved.stripeRefundId},
      decline_code = ${moved.declineCode}, amount_refunded = ${moved.amountRefunded}, next_look_at = ${moved.nextLookAt}, updated_at = ${now}
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

/** The provider's id of a payment that is authorised. */
export function stripeIdOf(payment: PaymentRow): string {
  if (!payment.stripeId) throw new Error(`The payment ${payment.id} has no provider id yet.`)
  return payment.stripeId
}

/** Writes that a call has had its answer: `failed` is a definitive no. */
export const finishCall = (
  tx: Tx,
  call: { key: string },
  now: Date,
  status: 'done' | 'failed',
  error: string | null = null,
): void =>
  tx.send(tx.sql`
    update provider_calls set status = ${status}, tries = tries + 1, error = ${error}, finished_at = ${now} where key = ${call.key}`)

const lookEveryMs = 30_000
const refundLookMs = 5_000
const longestGapMs = 24 * 60 * 60 * 1000
/** Some eight days after the last change of a refund there is nothing more to expect. */
const refundLooks = 22

/** When the provider is to be asked about a payment that nobody has spoken of meanwhile. */
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

/** Writes that the provider was asked about a locked payment because it was time to. */
export function lookedAt(tx: Tx, row: PaymentRow, now: Date): void {
  row.looks += 1
  row.nextLookAt = nextLook(row, now)
  tx.send(tx.sql`update payments set looks = ${row.looks}, next_look_at = ${row.nextLookAt} where id = ${row.id}`)
}

/** Something has happened to a refund of this payment: it is followed closely again. */
export const lookAgain = (tx: Tx, row: PaymentRow, now: Date): void => {
  row.looks = 1
  row.nextLookAt = nextLook(row, now)
  tx.send(tx.sql`update payments set looks = 1, next_look_at = ${row.nextLookAt} where id = ${row.id}`)
}
