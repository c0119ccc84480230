// An order is complete: its ticket is sold.

import { OrderCompleted } from '@aisle/contracts/messages/orders'
import { TicketSold } from '@aisle/contracts/messages/tickets'
import { on } from '@aisle/kit/bus/reaction'
import type { TicketsService } from '../context.ts'
import { followRefund } from '../follow-refund.ts'
import { readTicket, type TicketRow, ticketColumns, ticketJoins, toState } from '../queries.ts'
import { moves } from '../ticket.ts'

export const sellTicket = on(OrderCompleted, async (tx, { data: order }, { clock }: TicketsService) => {
  const { sql } = tx
  const [sold] = await sql<TicketRow[]>`
    with t as (
      update tickets set status = ${moves.sell.to}, held_version = greatest(held_version, ${order.version}),
        version = version + 1, updated_at = ${clock.now()}
      where id = ${order.ticket.id} and order_id = ${order.id} and status = ${moves.sell.from}
      returning *)
    select ${ticketColumns(sql)} from t ${ticketJoins(sql)}`
  if (sold) {
    tx.emit(TicketSold, sold.id, toState(sold))
    return
  }
  const ticket = await readTicket(sql, order.ticket.id)
  // The message was redelivered, or the order is complete again because a refund failed.
  if (ticket?.status === 'sold' && ticket.orderId === order.id) return followRefund(tx, order, null, clock.now())
  // Orders completes only orders whose ticket this service has held. A person must look at this.
  throw new Error(
    `Order ${order.id} is complete, but the ticket ${order.ticket.id} is ${ticket?.status ?? 'unknown'} and not held by it.`,
  )
})
