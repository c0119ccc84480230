// The event that a seller names, found or made.

import type { listTicket } from '@aisle/contracts/api/tickets'
import type { Body } from '@aisle/contracts/endpoint'
import type { TicketEvent } from '@aisle/contracts/entities'
import type { Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import { wordsVector } from './queries.ts'
import { cityKey, searchWords } from './search-text.ts'
import { eventIdentity, isTimeZone } from './ticket.ts'

export type KnownEvent = {
  id: string
  name: string
  venue: string
  city: string | null
  startsAt: Date
  timeZone: string | null
  kind: TicketEvent['kind'] | null
}

type Named = Pick<Body<typeof listTicket>, 'event' | 'eventId'>

/**
 * The event that the body names, or a refusal with the field at fault. The unique index events_identity_key makes two
 * sellers' descriptions one event.
 */
export async function findOrMakeEvent(
  sql: Sql,
  { event, eventId }: Named,
  now: Date,
  newId: () => string,
): Promise<KnownEvent | null | Refusal> {
  if (event && eventId) return refuse('invalid', { field: 'event', message: 'cannot be given together with eventId' })
  if (eventId) {
    const [known] = await sql<KnownEvent[]>`select ${knownColumns(sql)} from events where id = ${eventId}`
    if (!known) return refuse('invalid', { field: 'eventId', message: 'is not an event that we know' })
    return known.startsAt > now ? known : refuse('invalid', { field: 'eventId', message: 'has already begun' })
  }
  if (!event) return null
  if (event.timeZone && !isTimeZone(event.timeZone))
    return refuse('invalid', { field: 'event.timeZone', message: 'is not an IANA time zone, such as Europe/Berlin' })
  if (new Date(event.startsAt) <= now)
    return refuse('invalid', { field: 'event.startsAt', message: 'must be in the future' })

  const identity = eventIdentity(event)
  const [name, venue, city] = [event.name.trim(), event.venue.trim(), event.city?.trim() ?? null]
  const [made] = await sql<KnownEvent[]>`
    insert into events (id, identity, name, venue, city, city_key, starts_at, time_zone, kind, search, search_version,
      created_at)
    values (${newId()}, ${identity}, ${name}, ${venue}, ${city}, ${city && cityKey(city)}, ${new Date(event.startsAt)},
      ${event.timeZone ?? null}, ${event.kind ?? null}, ${wordsVector(sql, searchWords(name, venue, city))}, 1, ${now})
    on conflict on constraint events_identity_key do nothing returning ${knownColumns(sql)}`
  if (made) return made
  const [known] = await sql<KnownEvent[]>`select ${knownColumns(sql)} from events where identity = ${identity}`
  return known ?? null
}

const knownColumns = (sql: Sql) => sql`id, name, venue, city, starts_at, time_zone, kind`
