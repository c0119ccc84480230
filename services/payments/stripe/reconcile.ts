// Asks the provider for a payment's state and reconciles ours. The return page, the webhooks, the sweeper and
// the nightly reconciliation all end here. No single one is required; each makes it faster.

import type { Asked } from '@aisle/kit/db/later'
import type { Span } from '@aisle/tracing/span'
import type Stripe from 'stripe'
import type { PaymentsService } from '../context.ts'
import { lockPayment, lookedAt, type PaymentRow, readPayment } from '../queries.ts'
import { recordRefunds } from '../refunds.ts'
import { applyProviderState } from './apply-provider-state.ts'
import { attempt } from './client.ts'
import type { Seen } from './judge.ts'

/**
 * Where to look for a payment whose provider id we do not have yet, because its webhook was faster than our own
 * commit; and whether this is a scheduled poll.
 */
export type Hint = {
  sessionId?: string
  intentId?: string
  /**
   * A scheduled poll by the sweeper. Only it moves the time of the next one: a buyer who keeps coming back must
   * not postpone it.
   */
  scheduled?: boolean
}

/**
 * Resolves to null if the payment is reconciled; to the call that it will be reconciled by; or to an error if the
 * provider gave no answer.
 * @throws when there is no such payment
 */
export async function reconcile(
  service: PaymentsService,
  paymentId: string,
  hint: Hint = {},
): Promise<Asked | Error | null> {
  const { db, tracer } = service
  const payment = await readPayment(db.sql, paymentId)
  if (!payment) throw new Error(`The payment ${paymentId} is not here.`)
  const span = tracer.startSpan('stripe look', {
    kind: 'client',
    parent: payment.traceparent,
    attributes: { 'peer.service': 'stripe', 'aisle.payment_id': paymentId },
  })
  try {
    return await bringInLine(service, payment, hint, span)
  } finally {
    span.end()
  }
}

async function bringInLine(
  service: PaymentsService,
  payment: PaymentRow,
  hint: Hint,
  span: Span,
): Promise<Asked | Error | null> {
  const { db, clock, parts } = service
  const { id: paymentId } = payment
  const outcome = await attempt(() => look(parts.provider, payment, hint))
  // If the provider does not know the payment, asking again later would not help.
  if (outcome.kind === 'unknown') {
    span.fail(outcome.error)
    return outcome.error
  }
  if (outcome.kind !== 'ok') return null
  const { seen, sessionId, url, refunds } = outcome.value
  const now = clock.now()
  return db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, paymentId)
    if (sessionId && row.sessionId === null) {
      row.sessionId = sessionId
      tx.send(tx.sql`update payments set session_id = ${sessionId}, page_url = ${url} where id = ${row.id}`)
    }
    if (hint.scheduled) lookedAt(tx, row, now)
    const next = await applyProviderState(service, tx, row, seen, now)
    if (refunds.length > 0) await recordRefunds(tx, await lockPayment(tx.sql, paymentId), refunds, now)
    return next
  }, span)
}

type Look = { seen: Seen; sessionId: string | null; url: string | null; refunds: Stripe.Refund[] }

async function look(provider: Stripe, payment: PaymentRow, hint: Hint): Promise<Look> {
  const none: Look = { seen: { page: null, intent: null }, sessionId: null, url: null, refunds: [] }
  const sessionId = payment.sessionId ?? (payment.stripeId === null ? hint.sessionId : undefined)
  const session =
    sessionId && payment.status === 'created'
      ? await provider.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] })
      : null
  if (session && session.metadata?.payment_id !== payment.id) return none
  const page = session && seenOfPage(session)
  const own = page ? (page.intent?.id ?? null) : payment.stripeId
  // An intent that is not the payment's own is looked up separately: it may hold stray money.
  const stray = hint.intentId !== undefined && hint.intentId !== own && (page !== null || own !== null)
  if (page && session && !stray) return { ...none, seen: page, sessionId: session.id, url: session.url }

  const intentId = stray ? hint.intentId : (own ?? hint.intentId)
  if (!intentId) return none
  const intent = await provider.paymentIntents.retrieve(intentId)
  if (intent.metadata.payment_id !== payment.id) return none
  const settled = payment.status === 'captured' || payment.status === 'refunded'
  const refunds = settled && !stray ? await listRefunds(provider, intent.id) : []
  return { ...none, seen: { page: null, intent, stray }, refunds }
}

async function listRefunds(provider: Stripe, intentId: string): Promise<Stripe.Refund[]> {
  const refunds: Stripe.Refund[] = []
  for await (const refund of provider.refunds.list({ payment_intent: intentId, limit: 100 })) refunds.push(refund)
  return refunds
}

/** The state in an expanded session. */
export function seenOfPage({ status, payment_intent: intent }: Stripe.Checkout.Session): Seen {
  if (typeof intent === 'string') throw new Error(`The intent ${intent} was not expanded.`)
  const known = ['open', 'complete', 'expired'] as const
  return { page: known.find((one) => one === status) ?? null, intent: intent ?? null }
}
