// Finds or creates the event a seller names. The unique index events_identity_key turns two sellers'
// descriptions of one event into one row. A key share lock keeps the event unchanged until this seller's ticket
// is visible (correct-event.ts).

import type { listTicket } from '@aisle/contracts/api/tickets'
import type { Body } from '@aisle/contracts/endpoint'
import type { Sql } from '@aisle/kit/db/database'
import { isRefusal, type Refusal, refuse } from '@aisle/kit/errors'
import { earlierIdentity, eventIdentity, type KnownEvent, type SaidEvent } from './event-identity.ts'
import { wordsVector } from './queries.ts'
import { searchWords, wordsKey } from './search-text.ts'
import { isTimeZone } from './ticket.ts'

type Named = Pick<Body<typeof listTicket>, 'event' | 'eventId'>

/** The event that the body names, or a refusal with the field at fault. */
export async function findOrMakeEvent(
  sql: Sql,
  { event, eventId }: Named,
  now: Date,
  newId: () => string,
): Promise<KnownEvent | null | Refusal> {
  if (event && eventId) return refuse('invalid', { field: 'event', message: 'cannot be given together with eventId' })
  if (eventId) {
    const [known] = await sql<KnownEvent[]>`
      select ${knownColumns(sql)} from events where id = ${eventId} for key share`
    if (!known) return refuse('invalid', { field: 'eventId', message: 'is not an event that we know' })
    return known.startsAt > now ? known : refuse('invalid', { field: 'eventId', message: 'has already begun' })
  }
  if (!event) return null
  const said = readEvent(event, now)
  return isRefusal(said) ? said : joinEvent(sql, said, now, newId)
}

/** The description of an event in a body, or a refusal with the field at fault. */
export function readEvent(event: NonNullable<Named['event']>, now: Date): SaidEvent | Refusal {
  const { name, venue, city, timeZone = null, kind = null } = event
  const startsAt = new Date(event.startsAt)
  if (timeZone !== null && !isTimeZone(timeZone))
    return refuse('invalid', { field: 'event.timeZone', message: 'is not an IANA time zone, such as Europe/Berlin' })
  if (startsAt <= now) return refuse('invalid', { field: 'event.startsAt', message: 'must be in the future' })
  return { name: name.trim(), venue: venue.trim(), city: city?.trim() ?? null, startsAt, timeZone, kind }
}

/** The described event, created if it does not exist. It stays unchanged until the end of the transaction. */
export async function joinEvent(sql: Sql, said: SaidEvent, now: Date, newId: () => string): Promise<KnownEvent> {
  const find = () => findEvent(sql, said, sql`for key share`)
  const found = (await find()) ?? (await makeEvent(sql, said, now, newId())) ?? (await find())
  if (!found) throw new Error(`The event ${said.name} was there and is gone.`)
  return found
}

/** The described event, or null. */
export async function findEvent(sql: Sql, said: SaidEvent, lock = sql``): Promise<KnownEvent | null> {
  const identity = eventIdentity(said)
  const rows = await sql<KnownEvent[]>`
    select ${knownColumns(sql)} from events where identity in (${identity}, ${earlierIdentity(said)}) ${lock}`
  return rows.find((row) => eventIdentity(row) === identity) ?? null
}

/** Null if another transaction creates it at the same time. */
async function makeEvent(sql: Sql, said: SaidEvent, now: Date, id: string): Promise<KnownEvent | null> {
  const { name, venue, city, startsAt, timeZone, kind } = said
  const [made] = await sql<KnownEvent[]>`
    insert into events (id, identity, name, venue, city, city_key, starts_at, time_zone, kind, search, search_version,
      created_at)
    values (${id}, ${eventIdentity(said)}, ${name}, ${venue}, ${city}, ${city && wordsKey(city)}, ${startsAt},
      ${timeZone}, ${kind}, ${wordsVector(sql, searchWords(name, venue, city))}, 1, ${now})
    on conflict on constraint events_identity_key do nothing returning ${knownColumns(sql)}`
  return made ?? null
}

/** The columns of a KnownEvent. */
export const knownColumns = (sql: Sql) => sql`id, name, venue, city, starts_at, time_zone, kind`
