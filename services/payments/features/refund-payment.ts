// The seller, or an admin, refunds all or part of a payment. Pending refunds count as refunded, under the
// payment's lock, so the sum never exceeds what was captured. A request repeated after a crash, or while the
// first still waits for the provider, finds the refund it made: the unique index refunds_of_request.

import { refundPayment as endpoint } from '@aisle/contracts/api/payments'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { refundable } from '../payment.ts'
import { lockPayment, type RefundRow, readOrder, readPayment, toRefund } from '../queries.ts'
import { givenBack, planRefund } from '../refunds.ts'

export const refundPayment = procedure(endpoint, async (request, service: PaymentsService) => {
  const { params, body, session, headers, now, origin } = request
  const { db, newId, audit } = service
  const payment = await readPayment(db.sql, params.id)
  if (!payment) return refuse('not-found')
  const order = await readOrder(db.sql, payment.orderId)
  if (order?.sellerId !== session.userId && session.role !== 'admin') return refuse('forbidden')

  const key = headers['idempotency-key']
  const requestKey = key === undefined ? null : `${session.userId} ${key} ${body.amount ?? 'all'}`
  const begun = await db.tx(async (tx) => {
    const locked = await lockPayment(tx.sql, payment.id)
    const [made] = await tx.sql<{ id: string }[]>`
          select id from refunds where payment_id = ${locked.id} and request_key = ${requestKey}`
    if (made) return { id: made.id, asked: null }
    const left = refundable(locked, (await givenBack(tx, locked.id)).given)
    const amount = body.amount ?? left
    if (left === 0) return refuse('not-refundable', { message: 'There is nothing left of this payment to refund.' })
    if (amount > left)
      return refuse('not-refundable', {
        field: 'amount',
        message: `is more than the ${left} minor units that can still be refunded`,
      })
    const id = newId()
    audit.write(tx, request, { action: 'refund', subject: locked.id, detail: `${amount} ${locked.currency}` })
    return { id, asked: await planRefund(tx, locked, { id, amount, requestKey }, now) }
  }, origin)
  if (isRefusal(begun)) return begun
  await begun.asked?.attempted
  const [refund] = await db.sql<RefundRow[]>`select * from refunds where id = ${begun.id}`
  if (!refund) throw new Error(`The refund ${begun.id} is gone.`)
  return answer(toRefund(refund, payment))
})
