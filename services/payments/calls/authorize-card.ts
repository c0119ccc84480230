// Authorises a card that came as a token: the money is held, not taken.

import type Stripe from 'stripe'
import type { CallContext, Operation, ProviderCall } from '../call.ts'
import { recordDecline } from '../declines.ts'
import { maxDeclines } from '../payment.ts'
import {
  countDeclines,
  finishCall,
  lockPayment,
  movePayment,
  type PaymentRow,
  type PaymentSubject,
} from '../queries.ts'
import { applyProviderState } from '../stripe/apply-provider-state.ts'
import { attempt, describe } from '../stripe/client.ts'
import { madeSince, mustLook } from './look-first.ts'

/** The request to the provider. `token` is a card's (tok_...) or a saved method's (pm_...). */
export const cardRequest = (payment: PaymentSubject, token: string): Stripe.PaymentIntentCreateParams => ({
  amount: payment.amount,
  currency: payment.currency,
  capture_method: 'manual',
  confirm: true,
  allowed_payment_method_types: ['card'],
  ...(token.startsWith('pm_')
    ? { payment_method: token }
    : {
        payment_method_data: { type: 'card', card: { token } } as Stripe.PaymentIntentCreateParams.PaymentMethodData,
      }),
  metadata: { payment_id: payment.id, order_id: payment.orderId },
})

export const authorizeCard: Operation = async (context, call, payment) => {
  const { db, clock } = context.service
  const outcome = await attempt(() => authorize(context, call, payment))
  if (outcome.kind === 'unknown') return outcome.error
  const now = clock.now()
  const planned = await db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    const intent = outcome.kind === 'ok' ? outcome.value : null
    if (intent?.status === 'requires_capture') {
      finishCall(tx, call, now, 'done')
      return applyProviderState(context, tx, row, { page: null, intent }, now)
    }
    finishCall(tx, call, now, 'failed', describe(outcome))
    if (outcome.kind === 'refused') {
      // The provider rejected the request itself (an unknown token). No card was tried, so it is not a decline.
      movePayment(tx, row, { type: 'void' }, { declineCode: outcome.code }, now)
      return null
    }
    await recordDecline(tx, context, { id: row.id, paymentId: row.id, method: 'token', now })
    const last = (await countDeclines(tx.sql, row.orderId)) + 1 >= maxDeclines
    if (outcome.kind === 'declined') {
      movePayment(tx, row, { type: 'decline', last }, { stripeId: outcome.intentId, declineCode: outcome.code }, now)
      return null
    }
    // A card whose owner must confirm cannot be paid with by token; it needs the provider's page.
    const changes = { stripeId: outcome.value.id, declineCode: 'authentication_required' }
    movePayment(tx, row, { type: 'decline', last }, changes, now)
    return context.plan(tx, { op: 'void', paymentId: row.id, params: {} }, now)
  }, call)
  if (planned) await context.perform(planned)
  return null
}

async function authorize(
  { service, provider }: CallContext,
  call: ProviderCall,
  payment: PaymentRow,
): Promise<Stripe.PaymentIntent> {
  if (mustLook(call, service.clock.now())) {
    for await (const intent of provider.paymentIntents.list({ created: madeSince(call), limit: 100 }))
      if (intent.metadata.payment_id === payment.id) return intent
  }
  if (!call.params.request) throw new Error(`The call ${call.key} does not say what to authorise.`)
  return provider.paymentIntents.create(call.params.request as Stripe.PaymentIntentCreateParams, {
    idempotencyKey: call.key,
  })
}
