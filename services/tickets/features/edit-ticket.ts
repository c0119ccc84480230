// A seller changes what they say about a ticket, wholly (PUT) or in part (PATCH), while it is listed.
// The row lock makes an edit and a hold take turns: what a buyer was shown is what they are charged, or the order ends as price-changed.

import { isDeepStrictEqual } from 'node:util'
import { editTicket as patchEndpoint, replaceTicket as putEndpoint } from '@aisle/contracts/api/tickets'
import { TicketUpdated } from '@aisle/contracts/messages/tickets'
import type { Tx } from '@aisle/kit/db/database'
import { isRefusal, type Refusal } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { type Described, describeTicket, findOrMakeEvent, searchVector } from '../describe-ticket.ts'
import { lockOwnTicket } from '../own-ticket.ts'
import { readTicket, type TicketRow, toState, toTicket } from '../queries.ts'

export const replaceTicket = command(putEndpoint, async (tx, request, { newId }: TicketsService) => {
  const { body, now } = request
  const ticket = await lockOwnTicket(tx.sql, request)
  if (isRefusal(ticket)) return ticket
  const eventId = await findOrMakeEvent(tx.sql, body, now, newId)
  if (isRefusal(eventId)) return eventId
  return change(tx, ticket, describeTicket(body, eventId), now)
})

export const editTicket = command(patchEndpoint, async (tx, request, { newId }: TicketsService) => {
  const { body, now } = request
  const ticket = await lockOwnTicket(tx.sql, request)
  if (isRefusal(ticket)) return ticket
  const eventId = body.event || body.eventId ? await findOrMakeEvent(tx.sql, body, now, newId) : ticket.eventId
  if (isRefusal(eventId)) return eventId
  return change(
    tx,
    ticket,
    {
      title: body.title?.trim() ?? ticket.title,
      description: body.description ?? ticket.description,
      price: body.price ?? ticket.price,
      currency: body.currency ?? ticket.currency,
      eventId,
      seat: body.seat ?? ticket.seat,
    },
    now,
  )
})

async function change(
  tx: Tx,
  before: TicketRow,
  after: Described,
  now: Date,
): Promise<ReturnType<typeof show> | Refusal> {
  const { sql } = tx
  const { title, description, price, currency, eventId, seat } = before
  // An edit that changes nothing is not an event: it would only raise versions in every mirror.
  if (isDeepStrictEqual(after, { title, description, price, currency, eventId, seat })) return show(before)
  tx.send(sql`
    update tickets set title = ${after.title}, description = ${after.description}, price = ${after.price}, currency = ${after.currency}, event_id = ${after.eventId},
      starts_at = (select starts_at from events where id = ${after.eventId}), seat = ${after.seat && JSON.stringify(after.seat)}::text::jsonb,
      search = ${searchVector(sql, after)}, version = version + 1, updated_at = ${now}
    where id = ${before.id}`)
  const row = await readTicket(sql, before.id)
  if (!row) throw new Error(`The ticket ${before.id} was locked and is gone.`)
  tx.emit(TicketUpdated, row.id, toState(row))
  return show(row)
}

const show = (row: TicketRow) => answer(toTicket(row), { headers: { etag: `"${row.version}"` } })
