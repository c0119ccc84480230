// The two sides of a sale look at its payments. There is no card data to see.

import { showPayment as endpoint, paymentsOfOrder as listEndpoint } from '@aisle/contracts/api/payments'
import { refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { maySee, type PaymentRow, paymentFor, readOrder, readPayment } from '../queries.ts'

export const showPayment = query(endpoint, async ({ params, session }, { db: { sql } }: PaymentsService) => {
  const payment = await readPayment(sql, params.id)
  if (!payment) return refuse('not-found')
  const order = await readOrder(sql, payment.orderId)
  return maySee(order, session) ? answer(paymentFor(session.userId, order, payment)) : refuse('forbidden')
})

export const paymentsOfOrder = query(
  listEndpoint,
  async ({ query: { orderId }, session }, { db: { sql } }: PaymentsService) => {
    const order = await readOrder(sql, orderId)
    if (!order) return refuse('not-found')
    if (!maySee(order, session)) return refuse('forbidden')
    // A handful of attempts at the most, so there is nothing to page.
    const rows = await sql<PaymentRow[]>`select * from payments where order_id = ${orderId} order by attempt desc`
    return answer(rows.map((row) => paymentFor(session.userId, order, row)))
  },
)
