// Anyone looks at a ticket, in any status.

import { showTicket as endpoint } from '@aisle/contracts/api/tickets'
import { refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { ownTicketTag, readTicket, ticketTag, toOwnTicket, toTicket } from '../queries.ts'

export const showTicket = query(endpoint, async ({ params, session }, { db }: TicketsService) => {
  const row = await readTicket(db.sql, params.id)
  if (!row) return refuse('not-found')
  const mayReadAll = session?.userId === row.sellerId || session?.role === 'admin'
  const [ticket, etag] = mayReadAll ? [toOwnTicket(row), ownTicketTag(row)] : [toTicket(row), ticketTag(row)]
  // The content depends on who asks.
  return answer(ticket, { headers: { etag, 'cache-control': 'private, no-cache', vary: 'cookie' } })
})
