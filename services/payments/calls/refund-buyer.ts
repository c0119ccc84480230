// Refunds the buyer. The provider may do it at once, later, or fail in the end; refunds.ts records which.

import type Stripe from 'stripe'
import type { CallContext, Operation, ProviderCall } from '../call.ts'
import { finishCall, lockPayment } from '../queries.ts'
import { recordRefund } from '../refunds.ts'
import { attempt, describe } from '../stripe/client.ts'
import { mustLook } from './look-first.ts'

export const refundBuyer: Operation = async (context, call, payment) => {
  const { db, clock } = context.service
  const { refundId } = call
  const request = call.params.request as Stripe.RefundCreateParams | undefined
  if (!refundId || !request) throw new Error(`The call ${call.key} does not say what to refund.`)
  const outcome = await attempt(() => refund(context, call, request))
  if (outcome.kind === 'unknown') return outcome.error
  const now = clock.now()
  await db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, payment.id)
    finishCall(
      tx,
      call,
      now,
      outcome.kind === 'ok' ? 'done' : 'failed',
      outcome.kind === 'ok' ? null : describe(outcome),
    )
    await recordRefund(tx, row, refundId, outcome.kind === 'ok' ? outcome.value : null, now)
  }, call)
  return null
}

async function refund(
  { service, provider }: CallContext,
  call: ProviderCall,
  request: Stripe.RefundCreateParams,
): Promise<Stripe.Refund> {
  if (mustLook(call, service.clock.now()) && request.payment_intent) {
    for await (const made of provider.refunds.list({ payment_intent: request.payment_intent, limit: 100 }))
      if (made.metadata?.refund_id === call.refundId) return made
  }
  return provider.refunds.create(request, { idempotencyKey: call.key })
}
