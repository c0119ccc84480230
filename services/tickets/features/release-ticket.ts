// An order has ended unpaid: its ticket is for sale again. Only the order that holds a ticket can release it.

import { OrderCancelled } from '@aisle/contracts/messages/orders'
import { TicketReleased } from '@aisle/contracts/messages/tickets'
import { on } from '@aisle/kit/bus/consumer'
import type { TicketsService } from '../context.ts'
import { type TicketRow, ticketColumns, ticketJoins, toState } from '../queries.ts'

export const releaseTicket = on(OrderCancelled, async (tx, { data: order }, { clock }: TicketsService) => {
  const { sql } = tx
  const [released] = await sql<TicketRow[]>`
    with t as (
      update tickets set status = 'listed', order_id = null, held_until = null, version = version + 1, updated_at = ${clock.now()}
      where id = ${order.ticket.id} and order_id = ${order.id} and status = 'reserved'
      returning *)
    select ${ticketColumns(sql)} from t ${ticketJoins(sql)}`
  if (released) tx.emit(TicketReleased, released.id, toState(released))
  // It may have been cancelled before we heard that it was made, or that may be published again: an order that has ended holds nothing any more.
  tx.send(
    sql`insert into ended_orders (order_id, ended_at) values (${order.id}, ${clock.now()}) on conflict on constraint ended_orders_pkey do nothing`,
  )
})
