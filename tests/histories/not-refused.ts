// Finds, in the databases, what a sale should have refused. One sentence each.

import { holdingLimits, type Theatre } from './theatre.ts'

export async function notRefused({ sql }: Theatre, tickets: readonly string[]): Promise<string[]> {
  const [begun, unpaid, ofEvent, seats] = await Promise.all([
    sql('orders')<{ id: string; status: string }[]>`
      select o.id, s.status from orders o join order_steps s on s.order_id = o.id
      where o.ticket_id = any(${tickets}::uuid[]) and s.status in ('created', 'paying')
        and s.at >= (o.event ->> 'startsAt')::timestamptz
        and (s.status = 'paying' or s.version = 1)`,
    sql('orders')<{ buyerId: string; count: number }[]>`
      select buyer_id, count(*)::int from orders where status in ('created', 'awaiting:payment')
      group by buyer_id having count(*) > ${holdingLimits.MAX_UNPAID_ORDERS}`,
    sql('orders')<{ buyerId: string; count: number }[]>`
      select buyer_id, count(*)::int from orders o where status not in ('cancelled', 'refunded')
        -- An order whose refund failed is bought again, whatever its buyer has bought meanwhile.
        and not exists (select from order_steps s where s.order_id = o.id and s.status = 'refunded')
      group by buyer_id, event ->> 'id' having count(*) > ${holdingLimits.MAX_TICKETS_PER_EVENT}`,
    // By what the sellers wrote, not by the key derived from it.
    sql('tickets')<{ ids: string[] }[]>`
      select array_agg(id) as ids from tickets
      where status in ('listed', 'reserved', 'sold') and refunded_at is null and id = any(${tickets}::uuid[])
      group by event_id, seat having count(*) > 1`,
  ])
  return [
    ...begun.map(({ id, status }) => `order ${id} was ${status} when its event had begun`),
    ...unpaid.map(({ buyerId, count }) => `buyer ${buyerId} has ${count} orders to pay`),
    ...ofEvent.map(({ buyerId, count }) => `buyer ${buyerId} has ${count} tickets of one event`),
    ...seats.map(({ ids }) => `one seat is for sale or sold as ${ids.join(' and ')}`),
  ]
}
