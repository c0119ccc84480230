// Anyone looks at a ticket, in whatever status it is.

import { showTicket as endpoint } from '@aisle/contracts/api/tickets'
import { refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { readTicket, ticketTag, toOwnTicket, toTicket } from '../queries.ts'

export const showTicket = query(endpoint, async ({ params, session }, { db }: TicketsService) => {
  const row = await readTicket(db.sql, params.id)
  if (!row) return refuse('not-found')
  const mayReadWhy = session?.userId === row.sellerId || session?.role === 'admin'
  return answer(mayReadWhy ? toOwnTicket(row) : toTicket(row), { headers: { etag: ticketTag(row) } })
})
