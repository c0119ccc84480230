// Ends the hosted page before the buyer has confirmed there. If the buyer has already confirmed, the
// authorisation is recorded, never overlooked.

import type { Operation } from '../call.ts'
import { finishCall, lockPayment } from '../queries.ts'
import { applyProviderState } from '../stripe/apply-provider-state.ts'
import { attempt, describe } from '../stripe/client.ts'
import { seenOfPage } from '../stripe/reconcile.ts'

export const endPage: Operation = async (context, call, payment) => {
  const { sessionId } = payment
  if (!sessionId) throw new Error(`The payment ${payment.id} has no page to end.`)
  let outcome = await attempt(() =>
    context.provider.checkout.sessions.expire(sessionId, { expand: ['payment_intent'] }, { idempotencyKey: call.key }),
  )
  // Only an open page can be ended. If it is in another state, read that state.
  if (outcome.kind === 'refused')
    outcome = await attempt(() =>
      context.provider.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] }),
    )
  if (outcome.kind === 'unknown') return outcome.error
  if (outcome.kind !== 'ok') return new Error(`The page ${sessionId} could not be ended: ${describe(outcome)}`)
  const { value: session } = outcome
  if (session.status === 'open') return new Error(`The page ${sessionId} is still open.`)
  const now = context.service.clock.now()
  const planned = await context.service.db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    finishCall(tx, call, now, 'done')
    return applyProviderState(context, tx, row, seenOfPage(session), now)
  }, call)
  if (planned) await context.perform(planned)
  return null
}
