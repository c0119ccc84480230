// The order was lost: the hold is released. That costs nothing, and the buyer was never charged.

import type { Operation } from '../call.ts'
import { finishCall, lockPayment, movePayment, stripeIdOf } from '../queries.ts'
import { attempt, describe } from '../stripe/client.ts'
import { learn } from '../stripe/learn.ts'

export const voidAuthorization: Operation = async (desk, call, payment) => {
  const id = call.params.intentId ?? stripeIdOf(payment)
  let outcome = await attempt(() => desk.provider.paymentIntents.cancel(id, {}, { idempotencyKey: call.key }))
  if (outcome.kind === 'refused') {
    const seen = await attempt(() => desk.provider.paymentIntents.retrieve(id))
    // It was voided before, or already captured. Then it can no longer be voided, and `learn` decides what
    // follows.
    if (seen.kind === 'ok' && (seen.value.status === 'canceled' || seen.value.status === 'succeeded')) outcome = seen
  }
  if (outcome.kind === 'unknown') return outcome.error
  if (outcome.kind !== 'ok') return new Error(`The authorisation ${id} could not be voided: ${describe(outcome)}`)
  const { value: intent } = outcome
  const now = desk.service.clock.now()
  const planned = await desk.service.db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    finishCall(tx, call, now, intent.status === 'canceled' ? 'done' : 'failed')
    if (intent.status !== 'canceled') return learn(desk, tx, row, { page: null, intent }, now)
    // A void of a stray authorisation leaves the payment as it is.
    if (call.params.intentId === undefined || row.stripeId === id) movePayment(tx, row, { type: 'void' }, {}, now)
    return null
  }, call)
  if (planned) await desk.perform(planned)
  return null
}
