// The order was lost: the hold is released. That costs nothing, and the buyer was never charged.

import type { Operation } from '../call.ts'
import { finishCall, lockPayment, movePayment, stripeIdOf } from '../queries.ts'
import { applyProviderState } from '../stripe/apply-provider-state.ts'
import { attempt, describe } from '../stripe/client.ts'

export const voidAuthorization: Operation = async (context, call, payment) => {
  const id = call.params.intentId ?? stripeIdOf(payment)
  let outcome = await attempt(() => context.provider.paymentIntents.cancel(id, {}, { idempotencyKey: call.key }))
  if (outcome.kind === 'refused') {
    const seen = await attempt(() => context.provider.paymentIntents.retrieve(id))
    // It was voided before, or already captured. Then it can no longer be voided, and `applyProviderState` decides what
    // follows.
    if (seen.kind === 'ok' && (seen.value.status === 'canceled' || seen.value.status === 'succeeded')) outcome = seen
  }
  if (outcome.kind === 'unknown') return outcome.error
  if (outcome.kind !== 'ok') return new Error(`The authorisation ${id} could not be voided: ${describe(outcome)}`)
  const { value: intent } = outcome
  const now = context.service.clock.now()
  const planned = await context.service.db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    finishCall(tx, call, now, intent.status === 'canceled' ? 'done' : 'failed')
    if (intent.status !== 'canceled') return applyProviderState(context, tx, row, { page: null, intent }, now)
    // A void of a stray authorisation leaves the payment as it is.
    if (call.params.intentId === undefined || row.stripeId === id) movePayment(tx, row, { type: 'void' }, {}, now)
    return null
  }, call)
  if (planned) await context.perform(planned)
  return null
}
