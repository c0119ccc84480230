// What was refunded of orders: buyers see it beside each of their orders.

import { refundsOfOrders as endpoint } from '@aisle/contracts/api/payments'
import type { OrderRefunds } from '@aisle/contracts/entities'
import { answer, query } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'

export const refundsOfOrders = query(
  endpoint,
  async ({ query: { orderIds }, session }, { db: { sql } }: PaymentsService) => {
    const rows = await sql<OrderRefunds[]>`
      select o.id as order_id, p.currency,
        coalesce(sum(r.amount) filter (where r.status = 'succeeded'), 0)::int as refunded,
        coalesce(sum(r.amount) filter (where r.status = 'pending'), 0)::int as pending
      from orders o
        join payments p on p.order_id = o.id and p.status in ('captured', 'refunded')
        join refunds r on r.payment_id = p.id and r.status <> 'failed'
      where o.id = any(${orderIds.split(',')}::uuid[]) and o.buyer_id = ${session.userId}
      group by o.id, p.currency`
    return answer(rows)
  },
)
