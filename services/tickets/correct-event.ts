// A seller corrects the event of their ticket: its spelling, kind, city or time zone. This is allowed only
// while no one else depends on the event: it has no ticket of another seller, and none that is reserved or
// sold. Otherwise the event stays as it is.
//
// The event's row lock is taken before any ticket's, so two corrections take turns. It also excludes sellers
// who are about to join the event (find-event.ts): each waits for the other's transaction.

import { isDeepStrictEqual } from 'node:util'
import { TicketUpdated } from '@aisle/contracts/messages/tickets'
import { type Tx, violates } from '@aisle/kit/db/database'
import { ticketVector } from './describe-ticket.ts'
import type { KnownEvent, SaidEvent } from './event-identity.ts'
import { eventIdentity, isCorrection } from './event-identity.ts'
import { knownColumns } from './find-event.ts'
import { type TicketRow, ticketColumns, ticketJoins, toState, wordsVector } from './queries.ts'
import { searchWords, wordsKey } from './search-text.ts'

/** A correction is one transaction, with one message per ticket of the event. */
const mostTickets = 100

/**
 * The event of a seller's ticket, corrected to the new description. Null if that describes another event, or
 * the event is not the seller's alone.
 */
export async function correctEvent(
  tx: Tx,
  { id: ticketId, sellerId, eventId }: Pick<TicketRow, 'id' | 'sellerId' | 'eventId'>,
  said: SaidEvent,
  now: Date,
): Promise<KnownEvent | null> {
  const { sql } = tx
  const [current] = await sql<KnownEvent[]>`select ${knownColumns(sql)} from events where id = ${eventId} for update`
  if (!current || !isCorrection(current, said)) return null
  const corrected: KnownEvent = { id: current.id, ...said, kind: said.kind ?? current.kind }
  if (isDeepStrictEqual(corrected, current)) return current

  const tickets = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from tickets t ${ticketJoins(sql)} where t.event_id = ${current.id}
    order by t.id limit ${mostTickets + 1}`
  const isTheirs = tickets.every((ticket) => ticket.sellerId === sellerId && mayChange(ticket))
  if (!isTheirs || tickets.length > mostTickets) return null

  if (!(await writeEvent(tx, corrected, now))) return null
  await updateTickets(
    tx,
    tickets.filter(({ id }) => id !== ticketId),
    corrected,
    now,
  )
  return corrected
}

const mayChange = ({ status }: TicketRow) => status === 'listed' || status === 'withdrawn'

/** False if another transaction has just created the same event. */
async function writeEvent({ sql }: Tx, event: KnownEvent, now: Date): Promise<boolean> {
  const { id, name, venue, city, startsAt, timeZone, kind } = event
  await sql`savepoint correction`
  try {
    await sql`
      update events set identity = ${eventIdentity(event)}, name = ${name}, venue = ${venue}, city = ${city},
        city_key = ${city && wordsKey(city)}, starts_at = ${startsAt}, time_zone = ${timeZone}, kind = ${kind},
        search = ${wordsVector(sql, searchWords(name, venue, city))}, search_version = 1, updated_at = ${now}
      where id = ${id}`
    return true
  } catch (error) {
    if (!violates(error, 'events_identity_key')) throw error
    await sql`rollback to savepoint correction`
    return false
  }
}

/** Updates the seller's other tickets of the event to its corrected description. */
async function updateTickets(tx: Tx, tickets: readonly TicketRow[], event: KnownEvent, now: Date): Promise<void> {
  const { sql } = tx
  for (const { id, title } of tickets)
    tx.send(sql`
      update tickets set starts_at = ${event.startsAt}, search = ${ticketVector(sql, { title, event })},
        search_version = 1, version = version + 1, updated_at = ${now}
      where id = ${id}`)
  const rows = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from tickets t ${ticketJoins(sql)}
    where t.id = any(${tickets.map(({ id }) => id)}::uuid[])`
  for (const row of rows) tx.emit(TicketUpdated, row.id, toState(row))
}
