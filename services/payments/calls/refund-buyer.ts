// Refunds the buyer. The provider may do it at once, later, or fail in the end; refunds.ts records which.

import { perform } from '@aisle/kit/work/work'
import type Stripe from 'stripe'
import { type Call, noAnswer, Refund } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { lockPayment } from '../queries.ts'
import { recordRefund } from '../refunds.ts'
import { attempt, describe } from '../stripe/client.ts'
import { mustLook } from './look-first.ts'

export const refundBuyer = perform(Refund, async (call, service: PaymentsService) => {
  const { db, clock } = service
  const { paymentId, refundId } = call.data
  const outcome = await attempt(() => refund(service, call))
  if (outcome.kind === 'unknown') return noAnswer(outcome.error)
  const now = clock.now()
  await db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, paymentId)
    if (outcome.kind === 'ok') call.done(tx)
    else call.failed(tx, describe(outcome))
    await recordRefund(tx, row, refundId, outcome.kind === 'ok' ? outcome.value : null, now)
  }, call.origin)
})

async function refund(
  { clock, parts: { provider } }: PaymentsService,
  call: Call<typeof Refund.data>,
): Promise<Stripe.Refund> {
  const { refundId, request } = call.data
  if (mustLook(call, clock.now()) && request.payment_intent) {
    for await (const made of provider.refunds.list({ payment_intent: request.payment_intent, limit: 100 }))
      if (made.metadata?.refund_id === refundId) return made
  }
  return provider.refunds.create(request, { idempotencyKey: call.key })
}
