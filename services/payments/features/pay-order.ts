// A buyer pays with a card token. The card is only authorised here; orders decides whether the buyer gets the ticket, then it is captured or voided.
// One order has one live attempt: the unique index payments_one_live_per_order. Every outcome survives a crash: see provider-calls.ts.

import { payOrder as endpoint } from '@aisle/contracts/api/payments'
import { soon } from '@aisle/kit/db/soon'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { maxDeclines } from '../payment.ts'
import { plan } from '../provider-calls.ts'
import { countDeclines, readOrder, readPayment, toPayment } from '../queries.ts'

export const payOrder = procedure(endpoint, async ({ body, session, now, requestId }, service: PaymentsService) => {
  const { db, newId, parts } = service
  // A buyer who pays right after reserving may be ahead of the messages by a few milliseconds.
  await soon(body.orderId, now, async () =>
    ((await readOrder(db.sql, body.orderId))?.status ?? 'created') === 'created' ? null : true,
  )

  const planned = await db.tx(
    async (tx) => {
      const order = await readOrder(tx.sql, body.orderId)
      if (!order) return refuse('not-found', { field: 'orderId', message: 'is not an order that we know' })
      if (order.buyerId !== session.userId) return refuse('forbidden')
      if (order.status === 'paying' || order.status === 'complete' || order.status === 'refunded')
        return refuse('already-paid')
      if (order.status !== 'awaiting:payment') return refuse('order-not-payable')
      if (order.expiresAt <= now)
        return refuse('order-not-payable', {
          message: 'The time to pay this order is over. You have not been charged.',
        })

      const [last] = await tx.sql<
        { attempt: number; status: string }[]
      >`select attempt, status from payments where order_id = ${order.id} order by attempt desc limit 1`
      const attempt = (last?.attempt ?? 0) + 1
      if ((await countDeclines(tx.sql, order.id)) >= maxDeclines) return refuse('order-not-payable')
      const id = newId()
      const inserted = await tx.sql`
      insert into payments (id, order_id, attempt, version, status, amount, currency, created_at, updated_at)
      values (${id}, ${order.id}, ${attempt}, 1, 'created', ${order.price}, ${order.currency}, ${now}, ${now})
      on conflict do nothing`
      if (inserted.count === 0)
        return refuse(
          last?.status === 'authorized' || last?.status === 'captured' ? 'already-paid' : 'payment-in-progress',
        )
      return plan(tx, { op: 'authorize', paymentId: id, refundId: null, params: { token: body.token } }, now)
    },
    { requestId },
  )
  if (isRefusal(planned)) return planned
  if (!planned) throw new Error('A new payment had its authorisation planned already.')

  await parts.calls.perform(planned)
  const payment = await readPayment(db.sql, planned.paymentId)
  if (!payment) throw new Error(`The payment ${planned.paymentId} is gone.`)
  if (payment.status === 'declined') {
    const over = (await countDeclines(db.sql, payment.orderId)) >= maxDeclines
    return refuse('card-declined', {
      message: over
        ? 'The card was declined for the third time. You have not been charged; the order has ended.'
        : 'The card was declined. You have not been charged; the ticket is still yours to pay.',
      extra: { declineCode: payment.declineCode ?? 'generic_decline' },
    })
  }
  if (payment.status === 'voided' && payment.declineCode) return refuse('invalid-token', { field: 'token' })
  if (payment.status === 'voided')
    return refuse('order-not-payable', {
      message: 'The order ended while the card was being authorised. You have not been charged.',
    })
  // Still `created` when the provider gave no answer: the sweeper finds out, and the order shows it.
  return answer(toPayment(payment), { headers: { location: `/api/payments/${payment.id}` } })
})
