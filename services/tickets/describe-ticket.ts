// What a seller says about a ticket, made whole: defaults, the event found or made, and what is wrong with it.

import type { listTicket } from '@aisle/contracts/api/tickets'
import type { Body } from '@aisle/contracts/endpoint'
import type { Seat, Ticket } from '@aisle/contracts/entities'
import type { Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import { eventIdentity, isTimeZone } from './ticket.ts'

export type Described = {
  title: string
  description: string | null
  price: number
  currency: Ticket['currency']
  eventId: string | null
  seat: Seat | null
}

/** The ticket as a whole body describes it. */
export const describeTicket = (body: Body<typeof listTicket>, eventId: string | null): Described => ({
  title: body.title.trim(),
  description: body.description ?? null,
  price: body.price,
  currency: body.currency ?? 'usd',
  eventId,
  seat: body.seat ?? null,
})

/** The event that the body names, or a refusal with the field at fault. The unique index events_identity_key makes two sellers' descriptions one event. */
export async function findOrMakeEvent(
  sql: Sql,
  body: Pick<Body<typeof listTicket>, 'event' | 'eventId'>,
  now: Date,
  newId: () => string,
): Promise<string | null | Refusal> {
  const { event, eventId } = body
  if (event && eventId) return refuse('invalid', { field: 'event', message: 'cannot be given together with eventId' })
  if (eventId) {
    const [known] = await sql<{ startsAt: Date }[]>`select starts_at from events where id = ${eventId}`
    if (!known) return refuse('invalid', { field: 'eventId', message: 'is not an event that we know' })
    return known.startsAt > now ? eventId : refuse('invalid', { field: 'eventId', message: 'has already begun' })
  }
  if (!event) return null
  if (event.timeZone && !isTimeZone(event.timeZone))
    return refuse('invalid', { field: 'event.timeZone', message: 'is not an IANA time zone, such as Europe/Berlin' })
  if (new Date(event.startsAt) <= now)
    return refuse('invalid', { field: 'event.startsAt', message: 'must be in the future' })

  const identity = eventIdentity(event)
  const [made] = await sql<{ id: string }[]>`
    insert into events (id, identity, name, venue, city, starts_at, time_zone, kind, created_at)
    values (${newId()}, ${identity}, ${event.name.trim()}, ${event.venue.trim()}, ${event.city?.trim() ?? null}, ${event.startsAt}, ${event.timeZone ?? null}, ${event.kind ?? null}, ${now})
    on conflict on constraint events_identity_key do nothing returning id`
  if (made) return made.id
  const [known] = await sql<{ id: string }[]>`select id from events where identity = ${identity}`
  return known?.id ?? null
}

/** The words by which a ticket is found: its title and its event. */
export const searchVector = (sql: Sql, described: Described) => sql`
  to_tsvector('simple', ${described.title}::text || ' ' || coalesce((select name || ' ' || venue || ' ' || coalesce(city, '') from events where id = ${described.eventId}), ''))`
