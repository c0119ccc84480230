// Notifies a page that shows tickets when one of them changes: reserved, for sale again, sold, withdrawn,
// another price.

import { liveTickets as endpoint } from '@aisle/contracts/api/tickets'
import type { Ticket } from '@aisle/contracts/entities'
import type { TicketState } from '@aisle/contracts/messages/tickets'
import { refuse } from '@aisle/kit/errors'
import { stream } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { type TicketRow, ticketColumns, ticketJoins, toTicket } from '../queries.ts'

/** What an event's page shows at first. Other tickets are sent when they change. */
const shownAtOnce = 500

export const liveTickets = stream(endpoint, async ({ query }, { db: { sql }, clock }: TicketsService) => {
  const { ids, eventId } = query
  if ((ids === undefined) === (eventId === undefined))
    return refuse('invalid', { field: 'ids', message: 'or eventId: exactly one of them' })
  const wanted = ids?.split(',') ?? []
  const show = (ticket: Ticket) => ({ subject: ticket.id, version: ticket.version, event: 'ticket', data: ticket })
  return {
    topics: eventId === undefined ? wanted : [eventId],
    now: async () => {
      const which =
        eventId === undefined
          ? sql`t.id = any(${wanted}::uuid[])`
          : sql`t.event_id = ${eventId} and t.status = 'listed' and t.starts_at > ${clock.now()}`
      const rows = await sql<TicketRow[]>`
        select ${ticketColumns(sql)} from tickets t ${ticketJoins(sql)} where ${which} order by t.id
        limit ${shownAtOnce}`
      return rows.map((row) => show(toTicket(row)))
    },
    show: ({ type, data }) => {
      // A refusal is internal between orders and tickets; it changes nothing visible.
      if (type === 'ticket:refused') return null
      const { orderId: _, ...ticket } = data as TicketState
      return show(ticket)
    },
  }
})
