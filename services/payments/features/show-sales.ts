// A seller lists their sales, including what can still be refunded.

import { mySales as endpoint } from '@aisle/contracts/api/payments'
import { cutPage, nextPage, readCursor } from '@aisle/kit/db/keyset'
import { isRefusal } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { type PaymentRow, toPayment } from '../queries.ts'

type SaleRow = PaymentRow & { ticketId: string | null; title: string; number: string | null; pending: number }

export const mySales = query(endpoint, async ({ query: input, session }, { db: { sql } }: PaymentsService) => {
  const { limit = 20, after } = input
  const cursor = after === undefined ? null : readCursor(after, ['id'])
  if (isRefusal(cursor)) return cursor
  const rows = await sql<SaleRow[]>`
    select p.*, o.ticket_id, o.title, o.number,
      (select coalesce(sum(r.amount), 0)::int from refunds r where r.payment_id = p.id
        and r.status = 'pending') as pending
    from orders o join payments p on p.order_id = o.id and p.status in ('captured', 'refunded')
    where o.seller_id = ${session.userId} ${cursor === null ? sql`` : sql`and o.id < ${cursor[0] as string}`}
    order by o.id desc limit ${limit + 1}`
  const { shown, cursor: next } = cutPage(rows, limit, ({ orderId }) => [orderId])
  return answer(
    shown.map(({ ticketId, title, number, pending, ...payment }) => ({
      ...(ticketId === null ? {} : { ticketId }),
      title,
      ...(number === null ? {} : { orderNumber: number }),
      payment: toPayment(payment),
      pending,
    })),
    { headers: nextPage(endpoint.path, input, next) },
  )
})
