// The buyer and the seller look at a sale's payments. They contain no card data.

import { showPayment as endpoint, paymentsOfOrder as listEndpoint } from '@aisle/contracts/api/payments'
import { refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { isSide, maySee, type PaymentRow, paymentFor, readOrder, readPayment } from '../queries.ts'

export const showPayment = query(endpoint, async (request, { db: { sql }, audit }: PaymentsService) => {
  const { params, session } = request
  const payment = await readPayment(sql, params.id)
  if (!payment) return refuse('not-found')
  const order = await readOrder(sql, payment.orderId)
  if (!maySee(order, session)) return refuse('forbidden')
  if (!isSide(order, session)) await audit.note(request, { action: 'payments-read', subject: payment.orderId })
  return answer(paymentFor(session.userId, order, payment))
})

export const paymentsOfOrder = query(listEndpoint, async (request, { db: { sql }, audit }: PaymentsService) => {
  const { session } = request
  const { orderId } = request.query
  const order = await readOrder(sql, orderId)
  if (!order) return refuse('not-found')
  if (!maySee(order, session)) return refuse('forbidden')
  if (!isSide(order, session)) await audit.note(request, { action: 'payments-read', subject: orderId })
  // At most a handful of attempts, so there is no paging.
  const rows = await sql<PaymentRow[]>`select * from payments where order_id = ${orderId} order by attempt desc`
  return answer(rows.map((row) => paymentFor(session.userId, order, row)))
})
