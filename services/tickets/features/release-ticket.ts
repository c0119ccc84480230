// An order ended unpaid: its ticket is for sale again, or withdrawn if its seller is banned or erased, or an admin
// took it down. Only the order that holds a ticket can release it.

import { OrderCancelled, OrderUnknown } from '@aisle/contracts/messages/orders'
import { TicketReleased, TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import { on } from '@aisle/kit/bus/reaction'
import type { Tx } from '@aisle/kit/db/database'
import type { TicketsService } from '../context.ts'
import { type TicketRow, ticketColumns, ticketJoins, toState } from '../queries.ts'
import { lockSellerOf } from '../sellers.ts'
import { moves } from '../ticket.ts'

export const releaseTicket = on(OrderCancelled, (tx, { data: order }, service: TicketsService) =>
  release(tx, order.ticket.id, order.id, service),
)

/** The order is lost and can no longer be paid or cancelled. A ticket that it has bought stays sold. */
export const releaseFromUnknown = on(
  OrderUnknown,
  async (tx, { data: { orderId, ticketId } }, service: TicketsService) => {
    if (ticketId) await release(tx, ticketId, orderId, service)
  },
  ({ ticketId }) => ticketId,
)

async function release({ sql, emit, send }: Tx, ticketId: string, orderId: string, { clock }: TicketsService) {
  send(lockSellerOf(sql, ticketId))
  const [released] = await sql<TicketRow[]>`
    with t as (
      update tickets set
        status = case when takedown_reason is not null or (select banned or erased from users where id = seller_id)
          then ${moves['release and withdraw'].to} else ${moves.release.to} end,
        order_id = null, held_until = null, version = version + 1, updated_at = ${clock.now()}
      where id = ${ticketId} and order_id = ${orderId} and status = ${moves.release.from}
      returning *)
    select ${ticketColumns(sql)} from t ${ticketJoins(sql)}`
  if (released) emit(released.status === 'withdrawn' ? TicketWithdrawn : TicketReleased, released.id, toState(released))
  // The order may have been cancelled before its creation arrives here, or the creation may be redelivered: an
  // ended order holds nothing any more.
  send(
    sql`insert into ended_orders (order_id, ended_at) values (${orderId}, ${clock.now()})
      on conflict on constraint ended_orders_pkey do nothing`,
  )
}
