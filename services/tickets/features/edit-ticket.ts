// A seller changes what they say about a ticket, wholly (PUT) or in part (PATCH), while it is listed.
// The row lock makes an edit and a hold take turns: what a buyer was shown is what they are charged, or the order ends as price-changed.

import { isDeepStrictEqual } from 'node:util'
import { editTicket as patchEndpoint, replaceTicket as putEndpoint } from '@aisle/contracts/api/tickets'
import { TicketUpdated } from '@aisle/contracts/messages/tickets'
import type { Tx } from '@aisle/kit/db/database'
import { isRefusal, type Refusal } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { type Described, describeTicket, ticketVector } from '../describe-ticket.ts'
import { findOrMakeEvent } from '../find-event.ts'
import { lockOwnTicket } from '../own-ticket.ts'
import { eventOf, readTicket, type TicketRow, toState, toTicket } from '../queries.ts'

export const replaceTicket = command(putEndpoint, async (tx, request, { newId }: TicketsService) => {
  const { body, now } = request
  const ticket = await lockOwnTicket(tx.sql, request)
  if (isRefusal(ticket)) return ticket
  const event = await findOrMakeEvent(tx.sql, body, now, newId)
  if (isRefusal(event)) return event
  return change(tx, ticket, describeTicket(body, event), now)
})

export const editTicket = command(patchEndpoint, async (tx, request, { newId }: TicketsService) => {
  const { body, now } = request
  const ticket = await lockOwnTicket(tx.sql, request)
  if (isRefusal(ticket)) return ticket
  const event = body.event || body.eventId ? await findOrMakeEvent(tx.sql, body, now, newId) : eventOf(ticket)
  if (isRefusal(event)) return event
  return change(
    tx,
    ticket,
    {
      title: body.title?.trim() ?? ticket.title,
      description: body.description === undefined ? ticket.description : body.description || null,
      price: body.price ?? ticket.price,
      currency: body.currency ?? ticket.currency,
      event,
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
  const said = { ...before, event: eventOf(before) }
  // An edit that changes nothing is not an event: it would only raise versions in every mirror.
  if (Object.entries(after).every(([field, value]) => isDeepStrictEqual(value, said[field as keyof Described])))
    return show(before)
  const { title, description, price, currency, event, seat } = after
  tx.send(sql`
    update tickets set title = ${title}, description = ${description}, price = ${price}, currency = ${currency},
      event_id = ${event?.id ?? null}, starts_at = ${event?.startsAt ?? null},
      seat = ${seat && JSON.stringify(seat)}::text::jsonb, search = ${ticketVector(sql, after)}, search_version = 1,
      version = version + 1, updated_at = ${now}
    where id = ${before.id}`)
  const row = await readTicket(sql, before.id)
  if (!row) throw new Error(`The ticket ${before.id} was locked and is gone.`)
  tx.emit(TicketUpdated, row.id, toState(row))
  return show(row)
}

const show = (row: TicketRow) => answer(toTicket(row), { headers: { etag: `"${row.version}"` } })
