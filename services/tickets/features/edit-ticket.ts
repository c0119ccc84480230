// A seller changes the description of a listed ticket, completely (PUT) or partly (PATCH). The row lock makes
// an edit and a hold take turns: the buyer is charged what they were shown, or the order ends as price-changed.

import { isDeepStrictEqual } from 'node:util'
import { editTicket as patchEndpoint, replaceTicket as putEndpoint } from '@aisle/contracts/api/tickets'
import type { Body } from '@aisle/contracts/endpoint'
import { TicketUpdated } from '@aisle/contracts/messages/tickets'
import { type Tx, violates } from '@aisle/kit/db/database'
import { isRefusal, type Refusal, refuse } from '@aisle/kit/errors'
import { answer, command, type Request } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { correctEvent } from '../correct-event.ts'
import { type Described, describeTicket, faultOfPrice, ticketVector } from '../describe-ticket.ts'
import type { KnownEvent } from '../event-identity.ts'
import { findEvent, findOrMakeEvent, joinEvent, readEvent } from '../find-event.ts'
import { lockOwnTicket, readOwnTicket } from '../own-ticket.ts'
import { eventOf, ownTicketTag, readTicket, type TicketRow, toOwnTicket, toState } from '../queries.ts'
import { seatKey } from '../seat-key.ts'

export const replaceTicket = command(putEndpoint, (tx, request, service: TicketsService) =>
  edit(tx, request, service, (event) => describeTicket(request.body, event)),
)

export const editTicket = command(patchEndpoint, (tx, request, service: TicketsService) => {
  const { body } = request
  return edit(tx, request, service, (event, before) => ({
    title: body.title?.trim() ?? before.title,
    description: body.description === undefined ? before.description : body.description || null,
    price: body.price ?? before.price,
    currency: body.currency ?? before.currency,
    event: body.event || body.eventId ? event : before.event,
    seat: body.seat ?? before.seat,
  }))
})

async function edit(
  tx: Tx,
  request: Request<typeof patchEndpoint>,
  { newId }: TicketsService,
  describe: (event: KnownEvent | null, before: Described) => Described,
) {
  const { body, now } = request
  const seen = await readOwnTicket(tx.sql, request)
  if (isRefusal(seen)) return seen
  const event = await eventAfter(tx, seen, body, now, newId)
  if (isRefusal(event)) return event
  const ticket = await lockOwnTicket(tx.sql, request)
  if (isRefusal(ticket)) return ticket
  // Another edit just moved it, so the decision about its event was based on the previous one.
  if (ticket.eventId !== seen.eventId) return refuse('stale-version')
  const current = eventOf(ticket)
  const after = describe(event?.id === current?.id ? current : event, { ...ticket, event: current })
  return change(tx, { ...ticket, event: eventOf(seen) }, after, now)
}

/** The event of the ticket after the edit: its own, corrected if allowed, or another. */
async function eventAfter(
  tx: Tx,
  ticket: TicketRow,
  body: Pick<Body<typeof patchEndpoint>, 'event' | 'eventId'>,
  now: Date,
  newId: () => string,
): Promise<KnownEvent | null | Refusal> {
  if (!body.event && body.eventId === ticket.eventId) return eventOf(ticket)
  if (!body.event || body.eventId || ticket.eventId === null) return findOrMakeEvent(tx.sql, body, now, newId)
  const said = readEvent(body.event, now)
  if (isRefusal(said)) return said
  const known = await findEvent(tx.sql, said)
  const isOther = known !== null && known.id !== ticket.eventId
  return (isOther ? null : await correctEvent(tx, ticket, said, now)) ?? joinEvent(tx.sql, said, now, newId)
}

async function change(
  tx: Tx,
  before: TicketRow & Described,
  after: Described,
  now: Date,
): Promise<ReturnType<typeof show> | Refusal> {
  const { sql } = tx
  // An edit that changes nothing is not announced: it would only raise versions in every mirror.
  if (Object.entries(after).every(([field, value]) => isDeepStrictEqual(value, before[field as keyof Described])))
    return show(before)
  const fault = faultOfPrice(after)
  if (fault) return fault
  const { title, description, price, currency, event, seat } = after
  // A ticket that shares another's seat, from before this was refused, may still be edited as long as its seat
  // stays.
  const isSameSeat = isDeepStrictEqual([event?.id, seat], [before.event?.id, before.seat])
  const moved = sql`
    update tickets set title = ${title}, description = ${description}, price = ${price}, currency = ${currency},
      event_id = ${event?.id ?? null}, starts_at = ${event?.startsAt ?? null},
      seat = ${seat && JSON.stringify(seat)}::text::jsonb,
      seat_key = ${isSameSeat ? sql`seat_key` : sql`${seatKey(seat, event?.id ?? null)}`},
      search = ${ticketVector(sql, after)}, search_version = 1, version = version + 1, updated_at = ${now}
    where id = ${before.id}`.execute()
  const [updated, read] = await Promise.allSettled([moved, readTicket(sql, before.id)])
  if (updated.status === 'rejected') {
    if (violates(updated.reason, 'tickets_one_per_seat')) return refuse('seat-listed', { field: 'seat' })
    throw updated.reason
  }
  if (read.status === 'rejected') throw read.reason
  const row = read.value
  if (!row) throw new Error(`The ticket ${before.id} was locked and is gone.`)
  tx.emit(TicketUpdated, row.id, toState(row))
  return show(row)
}

const show = (row: TicketRow) => answer(toOwnTicket(row), { headers: { etag: ownTicketTag(row) } })
