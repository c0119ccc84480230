// An order asks for its ticket. It gets the ticket if it is listed as the buyer saw it: same price, event and
// seat. One conditional update decides.
//
// If another order holds the ticket, its release is usually on the way, so the request is retried a few times
// before it is refused.

import { OrderCreated } from '@aisle/contracts/messages/orders'
import { TicketRefused, TicketReserved } from '@aisle/contracts/messages/tickets'
import { later, on } from '@aisle/kit/bus/reaction'
import type { TicketsService } from '../context.ts'
import { readTicket, type TicketRow, ticketColumns, ticketJoins, toState } from '../queries.ts'
import { decideHold, moves } from '../ticket.ts'

/** Doubles after each attempt: five take a second and a half. */
const askAgainMs = 50

export const holdTicket = on(OrderCreated, async (tx, { data: order }, { clock }: TicketsService, { tries }) => {
  const { sql } = tx
  const { id: ticketId, price, currency, event, seat } = order.ticket
  const wanted = { price, currency, eventId: event?.id ?? null, seat: seat ?? null }
  const [held] = await sql<TicketRow[]>`
    with t as (
      update tickets set status = ${moves.hold.to}, order_id = ${order.id}, held_until = ${order.expiresAt},
        held_version = ${order.version}, version = version + 1, updated_at = ${clock.now()}
      where id = ${ticketId} and status = ${moves.hold.from} and price = ${price} and currency = ${currency}
        and event_id is not distinct from coalesce(${wanted.eventId}, event_id)
        and seat is not distinct from coalesce(${seat ? JSON.stringify(seat) : null}::text::jsonb, seat)
        and not exists (select from ended_orders where order_id = ${order.id})
      returning *)
    select ${ticketColumns(sql)} from t ${ticketJoins(sql)}`
  if (held) {
    tx.emit(TicketReserved, ticketId, toState(held))
    return
  }

  const [ended] = await sql`select 1 from ended_orders where order_id = ${order.id}`
  if (ended) return
  const ticket = await readTicket(sql, ticketId)
  const decision = decideHold(ticket, order.id, wanted, tries)
  switch (decision.hold) {
    case 'already':
      return
    case true: // listed again between the two statements
    case 'ask-again':
      return later(askAgainMs)
    case false:
      tx.emit(TicketRefused, ticketId, {
        ticketId,
        version: ticket?.version ?? 1,
        orderId: order.id,
        reason: decision.because,
      })
      return
    default:
      decision satisfies never
  }
})
