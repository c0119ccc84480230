// Ends the hosted page before the buyer has confirmed there. If the buyer has already confirmed, the
// authorisation is recorded, never overlooked.

import { perform, retry } from '@aisle/kit/work/work'
import { EndPage, noAnswer } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { lockPayment, paymentOf } from '../queries.ts'
import { applyProviderState } from '../stripe/apply-provider-state.ts'
import { attempt, describe } from '../stripe/client.ts'
import { seenOfPage } from '../stripe/reconcile.ts'

export const endPage = perform(EndPage, async (call, service: PaymentsService) => {
  const { db, parts } = service
  const payment = await paymentOf(db.sql, call)
  const { sessionId } = payment
  if (!sessionId) throw new Error(`The payment ${payment.id} has no page to end.`)
  let outcome = await attempt(() =>
    parts.provider.checkout.sessions.expire(sessionId, { expand: ['payment_intent'] }, { idempotencyKey: call.key }),
  )
  // Only an open page can be ended. If it is in another state, read that state.
  if (outcome.kind === 'refused')
    outcome = await attempt(() => parts.provider.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] }))
  if (outcome.kind === 'unknown') return noAnswer(outcome.error)
  if (outcome.kind !== 'ok') return retry(new Error(`The page ${sessionId} could not be ended: ${describe(outcome)}`))
  const { value: session } = outcome
  if (session.status === 'open') return retry(new Error(`The page ${sessionId} is still open.`))
  const now = service.clock.now()
  return db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    call.done(tx)
    return applyProviderState(service, tx, row, seenOfPage(session), now)
  }, call.origin)
})
