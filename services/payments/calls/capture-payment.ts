// The order has accepted the payment: the held money is taken.

import type { Operation } from '../call.ts'
import { finishCall, lockPayment, movePayment, stripeIdOf } from '../queries.ts'
import { attempt, describe } from '../stripe/client.ts'

export const capturePayment: Operation = async (context, call, payment) => {
  const { db, clock } = context.service
  const id = stripeIdOf(payment)
  let outcome = await attempt(() => context.provider.paymentIntents.capture(id, {}, { idempotencyKey: call.key }))
  if (outcome.kind === 'declined' || outcome.kind === 'refused') {
    // Whatever the refusal says, the intent's own state decides: it may have been captured before.
    const seen = await attempt(() => context.provider.paymentIntents.retrieve(id))
    if (seen.kind !== 'ok')
      return new Error(`The capture was refused (${describe(outcome)}) and the intent cannot be read.`)
    if (seen.value.status === 'succeeded') outcome = seen
  }
  if (outcome.kind === 'unknown') return outcome.error
  const now = clock.now()
  const planned = await db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    if (outcome.kind === 'ok' && outcome.value.status === 'succeeded') {
      finishCall(tx, call, now, 'done')
      movePayment(tx, row, { type: 'capture' }, {}, now)
      return null
    }
    finishCall(tx, call, now, 'failed', describe(outcome))
    movePayment(tx, row, { type: 'fail-capture' }, {}, now)
    return context.plan(tx, { op: 'void', paymentId: row.id, params: {} }, now)
  }, call)
  if (planned) await context.perform(planned)
  return null
}
