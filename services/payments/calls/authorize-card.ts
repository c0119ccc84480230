// Authorises a card that came as a token: the money is held, not taken.

import { perform } from '@aisle/kit/work/work'
import type Stripe from 'stripe'
import { Authorize, type Call, noAnswer, Void } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { recordDecline } from '../declines.ts'
import { maxDeclines } from '../payment.ts'
import { countDeclines, descriptionOf, lockPayment, movePayment, type PaymentSubject } from '../queries.ts'
import { applyProviderState } from '../stripe/apply-provider-state.ts'
import { attempt, describe } from '../stripe/client.ts'
import { madeSince, mustLook } from './look-first.ts'

/** The request to the provider. `token` is a card's (tok_...) or a saved method's (pm_...). */
export const cardRequest = (payment: PaymentSubject, token: string): Stripe.PaymentIntentCreateParams => ({
  ...descriptionOf(payment),
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

export const authorizeCard = perform(Authorize, async (call, service: PaymentsService) => {
  const { db, clock, parts } = service
  const outcome = await attempt(() => authorize(service, call))
  if (outcome.kind === 'unknown') return noAnswer(outcome.error)
  const now = clock.now()
  return db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, call.data.paymentId)
    const intent = outcome.kind === 'ok' ? outcome.value : null
    if (intent?.status === 'requires_capture') {
      call.done(tx)
      return applyProviderState(service, tx, row, { page: null, intent }, now)
    }
    call.failed(tx, describe(outcome))
    if (outcome.kind === 'refused') {
      // The provider rejected the request itself (an unknown token). No card was tried, so it is not a decline.
      movePayment(tx, row, { type: 'void' }, { declineCode: outcome.code }, now)
      return null
    }
    await recordDecline(tx, parts, { id: row.id, paymentId: row.id, method: 'token', now })
    const last = (await countDeclines(tx.sql, row.orderId)) + 1 >= maxDeclines
    if (outcome.kind === 'declined') {
      movePayment(tx, row, { type: 'decline', last }, { stripeId: outcome.intentId, declineCode: outcome.code }, now)
      return null
    }
    // A card whose owner must confirm cannot be paid with by token; it needs the provider's page.
    const changes = { stripeId: outcome.value.id, declineCode: 'authentication_required' }
    movePayment(tx, row, { type: 'decline', last }, changes, now)
    return tx.later(Void, row.id, { paymentId: row.id })
  }, call.origin)
})

async function authorize(
  { clock, parts: { provider } }: PaymentsService,
  call: Call<typeof Authorize.data>,
): Promise<Stripe.PaymentIntent> {
  const { paymentId, request } = call.data
  if (mustLook(call, clock.now())) {
    for await (const intent of provider.paymentIntents.list({ created: madeSince(call), limit: 100 }))
      if (intent.metadata.payment_id === paymentId) return intent
  }
  return provider.paymentIntents.create(request, { idempotencyKey: call.key })
}
