// An event as its sellers describe it, and when two descriptions are one event. Pure.

import { createHash } from 'node:crypto'
import type { TicketEvent } from '@aisle/contracts/entities'

/** An event in the catalogue. */
export type KnownEvent = {
  id: string
  name: string
  venue: string
  city: string | null
  startsAt: Date
  timeZone: string | null
  kind: NonNullable<TicketEvent['kind']> | null
}
/** An event as a seller describes it. */
export type SaidEvent = Omit<KnownEvent, 'id'>

type Described = Omit<SaidEvent, 'kind'>

/**
 * Two descriptions with the same result are one event: name, venue, city and time zone, ignoring letter case
 * and spacing, and the start. A digest, because an index key has at most 2,700 bytes and a name alone may have
 * more.
 */
export function eventIdentity({ name, venue, city, startsAt, timeZone }: Described): string {
  // Time zone aliases stay distinct: which of them is canonical differs between versions of Node.
  const parts = [plain(name), plain(venue), startsAt.toISOString(), plain(city ?? ''), (timeZone ?? '').toLowerCase()]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The identity an event had before city and time zone became part of it. index-names.ts replaces it. */
export const earlierIdentity = ({ name, venue, startsAt }: Described): string =>
  [plain(name), plain(venue), startsAt.toISOString()].join('\n')

/**
 * Whether `said` is the same event with its city, time zone or spelling corrected: it has the same start, or
 * the same local time.
 */
export const isCorrection = (current: Described, said: Described): boolean =>
  plain(current.name) === plain(said.name) &&
  plain(current.venue) === plain(said.venue) &&
  (current.startsAt.getTime() === said.startsAt.getTime() || clockOf(current) === clockOf(said))

const plain = (text: string) => text.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase()

const clockOf = ({ startsAt, timeZone }: Described) =>
  new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'medium', timeZone: timeZone ?? 'UTC' }).format(
    startsAt,
  )
