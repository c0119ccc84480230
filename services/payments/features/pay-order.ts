// A buyer pays with a card token. The card is only authorised here; orders decides whether the buyer gets the ticket, then it is captured or voided.
// One order has one live attempt: the unique index payments_one_live_per_order. Every outcome survives a crash: see provider-calls.ts.

import { payOrder as endpoint } from '@aisle/contracts/api/payments'
import { Rollback, type Sql } from '@aisle/kit/db/database'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { maxDeclines } from '../payment.ts'
import { plan } from '../provider-calls.ts'
import { countDeclines, type OrderRow, type PaymentRow, readOrder, readPayment, toPayment } from '../queries.ts'

export const payOrder = procedure(endpoint, async ({ body, session, now, requestId }, service: PaymentsService) => {
  const { db, newId, parts, arrivals } = service
  // A buyer who pays right after reserving may be ahead of the messages by a few milliseconds.
  await arrivals.soon(body.orderId, now, async () =>
    ((await readOrder(db.sql, body.orderId))?.status ?? 'created') === 'created' ? null : true,
  )

  const planned = await db.tx(
    async (tx) => {
      const order = await readPayableOrder(tx.sql, body.orderId)
      if (!order) return refuse('not-found', { field: 'orderId', message: 'is not an order that we know' })
      if (order.buyerId !== session.userId) return refuse('forbidden')
      if (order.status === 'paying' || order.status === 'complete' || order.status === 'refunded')
        return refuse('already-paid')
      if (order.status !== 'awaiting:payment' || order.declines >= maxDeclines) return refuse('order-not-payable')
      if (order.expiresAt <= now)
        return refuse('order-not-payable', {
          message: 'The time to pay this order is over. You have not been charged.',
        })
      const id = newId()
      // Sent together, in this order.
      const [inserted, planned] = await Promise.allSettled([
        tx.sql`
          insert into payments (id, order_id, attempt, version, status, amount, currency, created_at, updated_at)
          values (${id}, ${order.id}, ${order.attempts + 1}, 1, 'created', ${order.price}, ${order.currency}, ${now}, ${now})
          on conflict do nothing`.execute(),
        plan(tx, { op: 'authorize', paymentId: id, refundId: null, params: { token: body.token } }, now),
      ])
      if (inserted.status === 'rejected') throw inserted.reason
      // Another attempt is live; the call planned for ours goes with the transaction.
      if (inserted.value.count === 0)
        throw new Rollback(
          refuse(
            order.lastStatus === 'authorized' || order.lastStatus === 'captured'
              ? 'already-paid'
              : 'payment-in-progress',
          ),
        )
      if (planned.status === 'rejected') throw planned.reason
      return planned.value
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

type PayableOrder = OrderRow & { attempts: number; declines: number; lastStatus: PaymentRow['status'] | null }

/**
 * The order with what was tried so far to pay it. Locked against our own mirror: an end of the order that is being heard right now is seen here,
 * or the payment that begins here is seen there (follow-order.ts) and voided.
 */
async function readPayableOrder(sql: Sql, id: string): Promise<PayableOrder | null> {
  const [row] = await sql<PayableOrder[]>`
    select o.*, tried.* from orders o, lateral (
      select count(*)::int as attempts, count(*) filter (where status = 'declined')::int as declines, (array_agg(status order by attempt desc))[1] as last_status
      from payments where order_id = o.id
    ) tried where o.id = ${id} for share of o`
  return row ?? null
}
