// The order has accepted the payment: the held money is taken.

import { perform, retry } from '@aisle/kit/work/work'
import { Capture, noAnswer, Void } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { lockPayment, movePayment, paymentOf, stripeIdOf } from '../queries.ts'
import { attempt, describe } from '../stripe/client.ts'

export const capturePayment = perform(Capture, async (call, service: PaymentsService) => {
  const { db, clock, parts } = service
  const payment = await paymentOf(db.sql, call)
  const id = stripeIdOf(payment)
  let outcome = await attempt(() => parts.provider.paymentIntents.capture(id, {}, { idempotencyKey: call.key }))
  if (outcome.kind === 'declined' || outcome.kind === 'refused') {
    // Whatever the refusal says, the intent's own state decides: it may have been captured before.
    const seen = await attempt(() => parts.provider.paymentIntents.retrieve(id))
    if (seen.kind !== 'ok')
      return retry(new Error(`The capture was refused (${describe(outcome)}) and the intent cannot be read.`))
    if (seen.value.status === 'succeeded') outcome = seen
  }
  if (outcome.kind === 'unknown') return noAnswer(outcome.error)
  const now = clock.now()
  return db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    if (outcome.kind === 'ok' && outcome.value.status === 'succeeded') {
      call.done(tx)
      movePayment(tx, row, { type: 'capture' }, {}, now)
      return null
    }
    call.failed(tx, describe(outcome))
    movePayment(tx, row, { type: 'fail-capture' }, {}, now)
    return tx.later(Void, row.id, { paymentId: row.id })
  }, call.origin)
})
