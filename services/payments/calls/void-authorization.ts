// The order was lost: the hold is released. That costs nothing, and the buyer was never charged.

import { perform, retry } from '@aisle/kit/work/work'
import { noAnswer, Void } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { lockPayment, movePayment, paymentOf, stripeIdOf } from '../queries.ts'
import { applyProviderState } from '../stripe/apply-provider-state.ts'
import { attempt, describe } from '../stripe/client.ts'

export const voidAuthorization = perform(Void, async (call, service: PaymentsService) => {
  const { db, parts } = service
  const payment = await paymentOf(db.sql, call)
  const id = call.data.intentId ?? stripeIdOf(payment)
  let outcome = await attempt(() => parts.provider.paymentIntents.cancel(id, {}, { idempotencyKey: call.key }))
  if (outcome.kind === 'refused') {
    const seen = await attempt(() => parts.provider.paymentIntents.retrieve(id))
    // It was voided before, or already captured. Then it can no longer be voided, and `applyProviderState` decides what
    // follows.
    if (seen.kind === 'ok' && (seen.value.status === 'canceled' || seen.value.status === 'succeeded')) outcome = seen
  }
  if (outcome.kind === 'unknown') return noAnswer(outcome.error)
  if (outcome.kind !== 'ok')
    return retry(new Error(`The authorisation ${id} could not be voided: ${describe(outcome)}`))
  const { value: intent } = outcome
  const now = service.clock.now()
  return db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    if (intent.status !== 'canceled') {
      call.failed(tx, `is ${intent.status}`)
      return applyProviderState(service, tx, row, { page: null, intent }, now)
    }
    call.done(tx)
    // A void of a stray authorisation leaves the payment as it is.
    if (call.data.intentId === undefined || row.stripeId === id) movePayment(tx, row, { type: 'void' }, {}, now)
    return null
  }, call.origin)
})
