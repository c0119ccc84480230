// Each webhook is a reason to look at its payment (reconcile.ts). Webhooks may arrive twice, in any order, days
// late, before our own commit, or never. A webhook about an unknown payment is kept and retried: our commit may
// still follow, or a backup may have been restored.

import type { Sql } from '@aisle/kit/db/database'
import { perform, retry } from '@aisle/kit/work/work'
import { calls } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import type { PaymentRow } from '../queries.ts'
import { reconcile } from './reconcile.ts'
import { isNews, Webhook } from './webhook.ts'

/** If the answer takes longer than this, the webhook is the faster way. */
const answerWithinMs = 1_000

export const followWebhook = perform(Webhook, async ({ data }, service: PaymentsService) => {
  const { type, objectId, intentId, paymentId } = data
  // A webhook is often faster than the answer to the call that caused it. Once that is recorded, it is no news.
  if (paymentId) await service.work.whileHeld(calls, paymentId, answerWithinMs)
  const payment = await findPayment(service.db.sql, paymentId, intentId)
  if (!payment) return retry(new Error('This payment is not one of ours, or not yet.'))
  if (!isNews(type, intentId, payment)) return
  const reconciled = await reconcile(service, payment.id, {
    ...(type.startsWith('checkout.session.') ? { sessionId: objectId } : {}),
    ...(intentId ? { intentId } : {}),
  })
  return reconciled instanceof Error ? retry(reconciled) : reconciled
})

async function findPayment(sql: Sql, paymentId: string | null, intentId: string | null): Promise<PaymentRow | null> {
  const [payment] = await sql<PaymentRow[]>`
    select * from payments where id = ${paymentId} or stripe_id = ${intentId} limit 1`
  return payment ?? null
}
