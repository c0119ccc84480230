// Each webhook is a reason to look at its payment (reconcile.ts). Webhooks may arrive twice, in any order, days
// late, before our own commit, or never. A webhook about an unknown payment is kept and retried: our commit may
// still follow, or a backup may have been restored.

import { perform, retry } from '@aisle/kit/work/work'
import type { PaymentsService } from '../context.ts'
import { findPayment } from '../queries.ts'
import { reconcile } from './reconcile.ts'
import { isNews, Webhook } from './webhook.ts'

export const followWebhook = perform(Webhook, async ({ data }, service: PaymentsService) => {
  const { type, objectId, intentId, paymentId } = data
  const payment = await findPayment(service.db.sql, { paymentId, intentId })
  if (!payment) return retry(new Error('This payment is not one of ours, or not yet.'))
  if (!isNews(type, intentId, payment)) return
  const reconciled = await reconcile(service, payment.id, {
    ...(type.startsWith('checkout.session.') ? { sessionId: objectId } : {}),
    ...(intentId ? { intentId } : {}),
  })
  return reconciled instanceof Error ? retry(reconciled) : reconciled
})
