// The checks at the start of every change by a seller.

import type { Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import { isMatched } from '@aisle/kit/http/etag'
import { lockTicket, ownTicketTag, readTicket, type TicketRow, ticketTag } from './queries.ts'
import { whyNotEditable } from './ticket.ts'

type Change = {
  params: { id: string }
  session: { userId: string }
  headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Locks the seller's own ticket if it is `listed` and matches If-Match; otherwise returns the refusal. */
export const lockOwnTicket = async (sql: Sql, change: Change): Promise<TicketRow | Refusal> =>
  check(await lockTicket(sql, change.params.id), change)

/** Like `lockOwnTicket`, but without the lock: the ticket may change before it is locked. */
export const readOwnTicket = async (sql: Sql, change: Change): Promise<TicketRow | Refusal> =>
  check(await readTicket(sql, change.params.id), change)

function check(ticket: TicketRow | null, { session, headers }: Change): TicketRow | Refusal {
  if (!ticket) return refuse('not-found')
  if (ticket.sellerId !== session.userId) return refuse('forbidden')
  const expected = headers['if-match']
  // A seller may have read it through the public view.
  const tags = [ownTicketTag(ticket), ticketTag(ticket)]
  if (typeof expected === 'string' && !tags.some((tag) => isMatched(expected, tag))) return refuse('stale-version')
  const reason = whyNotEditable(ticket.status)
  return reason === null ? ticket : refuse(reason)
}
