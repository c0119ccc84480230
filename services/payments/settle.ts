// Makes one call to the provider and commits what came of it. Safe to repeat at any point: the provider knows the key, and the payment's lock and
// state machine make a second commit of the same result change nothing.

import type { Tx } from '@aisle/kit/db/database'
import type Stripe from 'stripe'
import type { PaymentsBase } from './context.ts'
import { maxDeclines } from './payment.ts'
import { attempt, type Outcome, type Provider } from './provider.ts'
import { type ProviderCall, plan } from './provider-calls.ts'
import { countDeclines, lockPayment, movePayment, type PaymentRow, readOrder, readPayment } from './queries.ts'

/** The provider forgets keys after 24 h; from here on we look before we act. */
const keyTrustedMs = 23 * 60 * 60 * 1000

/** Carries `call` out. Resolves to an error when the outcome is unknown and the call must be repeated, else to null. */
export async function settle(service: PaymentsBase, provider: Provider, call: ProviderCall): Promise<Error | null> {
  const payment = call.payment ?? (await readPayment(service.db.sql, call.paymentId))
  if (!payment) throw new Error(`The call ${call.key} is about a payment that is not here.`)
  switch (call.op) {
    case 'authorize':
      return settleAuthorization(service, provider, call, payment)
    case 'capture':
      return settleCapture(service, provider, call, payment)
    case 'void':
      return settleVoid(service, provider, call, payment)
    case 'refund':
      return settleRefund(service, provider, call, payment)
    default:
      return call.op satisfies never
  }
}

async function settleAuthorization(
  service: PaymentsBase,
  provider: Provider,
  call: ProviderCall,
  payment: PaymentRow,
): Promise<Error | null> {
  const outcome = await attempt(() => authorize(service, provider, call, payment))
  if (outcome.kind === 'unknown') return outcome.error
  const now = service.clock.now()
  const planned = await service.db.tx(async (tx) => {
    const [row, order] = await Promise.all([lockPayment(tx.sql, payment.id), readOrder(tx.sql, payment.orderId)])
    if (outcome.kind === 'ok' && outcome.value.status === 'requires_capture') {
      // The order may have ended while the provider was thinking; then nobody will ask for the money any more.
      finish(tx, call, 'done')
      movePayment(tx, row, { type: 'authorize' }, { stripeId: outcome.value.id }, now)
      return order?.status === 'cancelled' ? planVoid(tx, row, now) : null
    }
    finish(tx, call, 'failed', describe(outcome))
    if (outcome.kind === 'refused') {
      // The provider did not understand us (an unknown token): no card was tried, so it is not a decline.
      movePayment(tx, row, { type: 'void' }, { declineCode: outcome.code }, now)
      return null
    }
    const last = (await countDeclines(tx.sql, row.orderId)) + 1 >= maxDeclines
    if (outcome.kind === 'declined') {
      movePayment(tx, row, { type: 'decline', last }, { stripeId: outcome.intentId, declineCode: outcome.code }, now)
      return null
    }
    // A card that wants its owner to confirm cannot be paid with by token: that takes the provider's page.
    movePayment(
      tx,
      row,
      { type: 'decline', last },
      { stripeId: outcome.value.id, declineCode: 'authentication_required' },
      now,
    )
    return planVoid(tx, row, now)
  })
  return planned ? settle(service, provider, planned) : null
}

async function authorize(
  service: PaymentsBase,
  provider: Provider,
  call: ProviderCall,
  payment: PaymentRow,
): Promise<Stripe.PaymentIntent> {
  if (service.clock.now().getTime() - call.createdAt.getTime() > keyTrustedMs) {
    const since = Math.floor(call.createdAt.getTime() / 1000) - 60
    for await (const intent of provider.paymentIntents.list({ created: { gte: since }, limit: 100 }))
      if (intent.metadata.payment_id === payment.id) return intent
  }
  const { token = '' } = call.params
  return provider.paymentIntents.create(
    {
      amount: payment.amount,
      currency: payment.currency,
      capture_method: 'manual',
      confirm: true,
      allowed_payment_method_types: ['card'],
      ...(token.startsWith('pm_')
        ? { payment_method: token }
        : {
            payment_method_data: {
              type: 'card',
              card: { token },
            } as Stripe.PaymentIntentCreateParams.PaymentMethodData,
          }),
      metadata: { payment_id: payment.id, order_id: payment.orderId },
    },
    { idempotencyKey: call.key },
  )
}

async function settleCapture(
  service: PaymentsBase,
  provider: Provider,
  call: ProviderCall,
  payment: PaymentRow,
): Promise<Error | null> {
  const id = stripeIdOf(payment)
  let outcome = await attempt(() => provider.paymentIntents.capture(id, {}, { idempotencyKey: call.key }))
  if (outcome.kind === 'declined' || outcome.kind === 'refused') {
    // Whatever the refusal says, the intent's own state decides: it may have been captured before.
    const seen = await attempt(() => provider.paymentIntents.retrieve(id))
    if (seen.kind !== 'ok')
      return new Error(`The capture was refused (${describe(outcome)}) and the intent cannot be read.`)
    if (seen.value.status === 'succeeded') outcome = seen
  }
  if (outcome.kind === 'unknown') return outcome.error
  const now = service.clock.now()
  const planned = await service.db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    if (outcome.kind === 'ok' && outcome.value.status === 'succeeded') {
      finish(tx, call, 'done')
      movePayment(tx, row, { type: 'capture' }, {}, now)
      return null
    }
    finish(tx, call, 'failed', describe(outcome))
    movePayment(tx, row, { type: 'fail-capture' }, {}, now)
    return planVoid(tx, row, now)
  })
  return planned ? settle(service, provider, planned) : null
}

async function settleVoid(
  service: PaymentsBase,
  provider: Provider,
  call: ProviderCall,
  payment: PaymentRow,
): Promise<Error | null> {
  const id = stripeIdOf(payment)
  let outcome = await attempt(() => provider.paymentIntents.cancel(id, {}, { idempotencyKey: call.key }))
  if (outcome.kind === 'refused') {
    const seen = await attempt(() => provider.paymentIntents.retrieve(id))
    if (seen.kind === 'ok' && seen.value.status === 'canceled') outcome = seen
  }
  if (outcome.kind === 'unknown') return outcome.error
  if (outcome.kind !== 'ok') return new Error(`The authorisation ${id} could not be voided: ${describe(outcome)}`)
  const now = service.clock.now()
  await service.db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    finish(tx, call, 'done')
    movePayment(tx, row, { type: 'void' }, {}, now)
  })
  return null
}

async function settleRefund(
  service: PaymentsBase,
  provider: Provider,
  call: ProviderCall,
  payment: PaymentRow,
): Promise<Error | null> {
  const { refundId, params } = call
  if (!refundId || !params.amount) throw new Error(`The call ${call.key} does not say what to refund.`)
  const amount = params.amount
  const outcome = await attempt(() =>
    provider.refunds.create(
      { payment_intent: stripeIdOf(payment), amount, metadata: { payment_id: payment.id, refund_id: refundId } },
      { idempotencyKey: call.key },
    ),
  )
  if (outcome.kind === 'unknown') return outcome.error
  const now = service.clock.now()
  await service.db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    finish(tx, call, outcome.kind === 'ok' ? 'done' : 'failed', outcome.kind === 'ok' ? null : describe(outcome))
    await recordRefund(tx, row, refundId, outcome.kind === 'ok' ? outcome.value : null, now)
  })
  return null
}

const planVoid = (tx: Tx, { id }: PaymentRow, now: Date) =>
  plan(tx, { op: 'void', paymentId: id, refundId: null, params: {} }, now)

/** Writes what the provider says of a refund; null is a refusal. Called again while it is pending, until it has ended. */
export async function recordRefund(
  tx: Tx,
  payment: PaymentRow,
  refundId: string,
  refund: Stripe.Refund | null,
  now: Date,
): Promise<void> {
  const status =
    refund === null || refund.status === 'failed' || refund.status === 'canceled'
      ? 'failed'
      : refund.status === 'succeeded'
        ? 'succeeded'
        : 'pending'
  const [ended] = await tx.sql<{ amount: number }[]>`
    update refunds set status = ${status}, stripe_id = coalesce(${refund?.id ?? null}, stripe_id), updated_at = ${now}
    where id = ${refundId} and status = 'pending' returning amount`
  if (!ended || status !== 'succeeded') return
  const amountRefunded = payment.amountRefunded + ended.amount
  movePayment(
    tx,
    payment,
    { type: 'refund', whole: amountRefunded === payment.amount },
    { amountRefunded, stripeRefundId: refund?.id ?? null },
    now,
  )
}

const finish = (tx: Tx, call: ProviderCall, status: 'done' | 'failed', error: string | null = null): void =>
  tx.send(
    tx.sql`update provider_calls set status = ${status}, tries = tries + 1, error = ${error} where key = ${call.key}`,
  )

const describe = (outcome: Exclude<Outcome<unknown>, { kind: 'unknown' }>): string =>
  outcome.kind === 'refused'
    ? `${outcome.code}: ${outcome.message}`
    : outcome.kind === 'declined'
      ? outcome.code
      : 'unexpected state'

function stripeIdOf(payment: PaymentRow): string {
  if (!payment.stripeId) throw new Error(`The payment ${payment.id} has no provider id yet.`)
  return payment.stripeId
}
