// The buyer returns from the provider's page. We ask the provider for the payment's state now, so that the
// buyer does not wait for a webhook.

import { refreshPayment as endpoint } from '@aisle/contracts/api/payments'
import { refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { maySee, paymentFor, readOrder, readPayment } from '../queries.ts'
import { reconcile } from '../stripe/reconcile.ts'

export const refreshPayment = procedure(endpoint, async ({ params, session, log }, service: PaymentsService) => {
  const { db } = service
  const payment = await readPayment(db.sql, params.id)
  if (!payment) return refuse('not-found')
  const order = await readOrder(db.sql, payment.orderId)
  if (!maySee(order, session)) return refuse('forbidden')
  const reconciled = await reconcile(service, payment.id)
  if (reconciled instanceof Error)
    log.warn({ err: reconciled, payment: payment.id }, 'could not ask the provider; the sweeper will')
  else await reconciled?.attempted
  return answer(paymentFor(session.userId, order, (await readPayment(db.sql, payment.id)) ?? payment))
})
