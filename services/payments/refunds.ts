// Refunds are decided here under the payment's lock, executed by the provider in its own time, and followed
// until and beyond their end: a refund that succeeded may still fail, and then we must refund the money again.

import type { Tx } from '@aisle/kit/db/database'
import type { Asked } from '@aisle/kit/db/later'
import type Stripe from 'stripe'
import { Refund } from './call.ts'
import { book, feeBack, paybackEntry, refundEntry, undoEntries } from './ledger.ts'
import { refundable } from './payment.ts'
import { lookAgain, movePayment, type PaymentRow, type RefundRow, stripeIdOf } from './queries.ts'

/** The sum of succeeded and pending refunds of a payment: the price's part and the fee's. */
export async function givenBack(tx: Tx, paymentId: string): Promise<{ given: number; feeGiven: number }> {
  const [row] = await tx.sql<{ given: number; feeGiven: number }[]>`
    select coalesce(sum(amount), 0)::int as given, coalesce(sum(fee), 0)::int as fee_given from refunds
    where payment_id = ${paymentId} and status <> 'failed'`
  return row ?? { given: 0, feeGiven: 0 }
}

/**
 * Plans to refund `amount` of a locked payment, or all that is left if `refund` is null. Null if less than that
 * is left.
 */
export async function planRefund(
  tx: Tx,
  payment: PaymentRow,
  refund: { id: string; amount: number; requestKey: string | null } | null,
  now: Date,
): Promise<Asked | null> {
  const before = await givenBack(tx, payment.id)
  const left = refundable(payment, before.given)
  const amount = refund?.amount ?? left
  if (amount === 0 || amount > left) return null
  const { id = null, requestKey = null } = refund ?? {}
  const inserted = await insertRefund(tx, payment, before, { id, amount, stripeId: null, requestKey }, now)
  const request: Stripe.RefundCreateParams = {
    payment_intent: stripeIdOf(payment),
    amount,
    metadata: { payment_id: payment.id, refund_id: inserted.id },
  }
  const data = { paymentId: payment.id, refundId: inserted.id, request }
  return tx.later(Refund, inserted.id, data, { subject: payment.id })
}

async function insertRefund(
  tx: Tx,
  payment: PaymentRow,
  before: { given: number; feeGiven: number },
  made: { id: string | null; amount: number; stripeId: string | null; requestKey: string | null },
  now: Date,
): Promise<RefundRow> {
  const { id, amount, stripeId, requestKey } = made
  const fee = feeBack(payment, before, amount)
  const [row] = await tx.sql<RefundRow[]>`
    insert into refunds (id, payment_id, status, amount, fee, stripe_id, request_key, created_at, updated_at)
    values (coalesce(${id}::uuid, uuidv7()), ${payment.id}, 'pending', ${amount}, ${fee}, ${stripeId}, ${requestKey},
      ${now}, ${now}) returning *`
  if (!row) throw new Error(`The refund of ${payment.id} was not written.`)
  book(tx, [refundEntry(amount, fee)], payment, row.id, now)
  return row
}

const statusOf = (refund: Stripe.Refund | null): RefundRow['status'] =>
  refund === null || refund.status === 'failed' || refund.status === 'canceled'
    ? 'failed'
    : refund.status === 'succeeded'
      ? 'succeeded'
      : 'pending'

/**
 * Records the provider's state of one of our refunds; null means that it was refused. Safe to repeat. Resolves
 * to the updated payment.
 */
export async function recordRefund(
  tx: Tx,
  payment: PaymentRow,
  refundId: string,
  refund: Stripe.Refund | null,
  now: Date,
): Promise<PaymentRow> {
  const [row] = await tx.sql<RefundRow[]>`select * from refunds where id = ${refundId} for update`
  if (!row) throw new Error(`The refund ${refundId} of payment ${payment.id} is not here.`)
  const status = statusOf(refund)
  const stripeId = refund?.id ?? row.stripeId
  if (row.status === 'failed' || (row.status === status && row.stripeId === stripeId)) return payment
  lookAgain(tx, payment, now)
  tx.send(
    tx.sql`update refunds set status = ${status}, stripe_id = ${stripeId}, updated_at = ${now} where id = ${row.id}`,
  )
  if (status === 'failed') book(tx, undoEntries(row.amount, row.fee, row.status === 'succeeded'), payment, row.id, now)

  if (row.status === 'succeeded' && status === 'failed') {
    const amountRefunded = payment.amountRefunded - row.amount
    return movePayment(tx, payment, { type: 'fail-refund' }, { amountRefunded }, now) ?? payment
  }
  if (row.status === 'pending' && status === 'succeeded') {
    book(tx, [paybackEntry(row.amount)], payment, row.id, now)
    const amountRefunded = payment.amountRefunded + row.amount
    const whole = amountRefunded === payment.amount
    const changes = { amountRefunded, stripeRefundId: stripeId }
    return movePayment(tx, payment, { type: 'refund', whole }, changes, now) ?? payment
  }
  return payment
}

/** Reconciles our refunds of a locked payment with the provider's, including those made in its dashboard. */
export async function recordRefunds(
  tx: Tx,
  payment: PaymentRow,
  refunds: readonly Stripe.Refund[],
  now: Date,
): Promise<void> {
  let current = payment
  for (const refund of refunds.toSorted((a, b) => a.created - b.created)) {
    const named = refund.metadata?.refund_id
    const [known] = await tx.sql<RefundRow[]>`
      select * from refunds where payment_id = ${payment.id}
        and (stripe_id = ${refund.id} or id::text = ${named ?? null})`
    // A refund that failed before we learned of it moves no money.
    if (!known && statusOf(refund) === 'failed') continue
    const row =
      known ??
      (await insertRefund(
        tx,
        current,
        await givenBack(tx, payment.id),
        { id: null, amount: refund.amount, stripeId: refund.id, requestKey: null },
        now,
      ))
    current = await recordRefund(tx, current, row.id, refund, now)
  }
}
