// An admin takes a ticket off sale, with a reason that its seller can read. A reserved ticket is withdrawn when
// its order ends unpaid (release-ticket.ts). Repeating is harmless and keeps the first reason.

import { takeDownTicket as endpoint } from '@aisle/contracts/api/tickets'
import { TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { lockTicket, toState } from '../queries.ts'
import { moves } from '../ticket.ts'

export const takeDownTicket = command(endpoint, async (tx, request, { audit }: TicketsService) => {
  const { params, body, now } = request
  const ticket = await lockTicket(tx.sql, params.id)
  if (!ticket) return refuse('not-found')
  if (ticket.status === 'sold') return refuse('ticket-sold')
  if (ticket.takedownReason !== null || ticket.status === 'withdrawn') return answer(undefined)

  const takedownReason = body.reason.trim()
  if (ticket.status === 'reserved') {
    tx.send(tx.sql`update tickets set takedown_reason = ${takedownReason} where id = ${ticket.id}`)
  } else {
    const version = ticket.version + 1
    tx.send(tx.sql`
      update tickets set status = ${moves.withdraw.to}, takedown_reason = ${takedownReason}, version = ${version},
        updated_at = ${now}
      where id = ${ticket.id}`)
    const withdrawn = { ...ticket, status: moves.withdraw.to, takedownReason, version, updatedAt: now }
    tx.emit(TicketWithdrawn, ticket.id, toState(withdrawn))
  }
  audit.write(tx, request, { action: 'ticket-takedown', subject: ticket.id })
  return answer(undefined)
})
