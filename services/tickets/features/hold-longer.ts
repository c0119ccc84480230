// The window of the order that holds a ticket ends at another time. Publishing it shows other buyers the new
// time.

import { OrderExtended } from '@aisle/contracts/messages/orders'
import { TicketReserved } from '@aisle/contracts/messages/tickets'
import { on } from '@aisle/kit/bus/reaction'
import type { TicketsService } from '../context.ts'
import { type TicketRow, ticketColumns, ticketJoins, toState } from '../queries.ts'

export const holdLonger = on(OrderExtended, async (tx, { data: order }, { clock }: TicketsService) => {
  const { sql } = tx
  const [held] = await sql<TicketRow[]>`
    with t as (
      update tickets set held_until = ${order.expiresAt}, held_version = ${order.version}, version = version + 1,
        updated_at = ${clock.now()}
      where id = ${order.ticket.id} and order_id = ${order.id} and status = 'reserved'
        and held_version < ${order.version} and held_until <> ${order.expiresAt}
      returning *)
    select ${ticketColumns(sql)} from t ${ticketJoins(sql)}`
  if (held) tx.emit(TicketReserved, held.id, toState(held))
})
