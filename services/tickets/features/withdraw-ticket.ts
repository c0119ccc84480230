// A seller takes a listed ticket off sale for good. Repeating is harmless.

import { withdrawTicket as endpoint } from '@aisle/contracts/api/tickets'
import { TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import { isRefusal } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { lockOwnTicket } from '../own-ticket.ts'
import { toState } from '../queries.ts'
import { moves } from '../ticket.ts'

export const withdrawTicket = command(endpoint, async (tx, request, _service: TicketsService) => {
  const ticket = await lockOwnTicket(tx.sql, request)
  if (isRefusal(ticket)) return ticket.refused === 'ticket-withdrawn' ? answer(undefined) : ticket
  const version = ticket.version + 1
  tx.send(
    tx.sql`update tickets set status = ${moves.withdraw.to}, version = ${version}, updated_at = ${request.now}
      where id = ${ticket.id}`,
  )
  tx.emit(
    TicketWithdrawn,
    ticket.id,
    toState({ ...ticket, status: moves.withdraw.to, version, updatedAt: request.now }),
  )
  return answer(undefined)
})
