// An event as its sellers describe it, and what makes two descriptions one event. Pure.

import { createHash } from 'node:crypto'
import type { TicketEvent } from '@aisle/contracts/entities'

/** An event that is in the catalogue. */
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
 * Two descriptions with the same result are one event: name, venue, city and time zone without regard to letter
 * case and spacing, and the start. A digest, because a key of an index has 2,700 bytes at most, and a name alone
 * may have more.
 */
export function eventIdentity({ name, venue, city, startsAt, timeZone }: Described): string {
  // Aliases of a zone stay apart: which of them is the main one differs between versions of Node.
  const parts = [plain(name), plain(venue), startsAt.toISOString(), plain(city ?? ''), (timeZone ?? '').toLowerCase()]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The identity that an event had before city and time zone were a part of it; index-names.ts replaces it. */
export const earlierIdentity = ({ name, venue, startsAt }: Described): string =>
  [plain(name), plain(venue), startsAt.toISOString()].join('\n')

/**
 * Whether `said` is the same event with its city, time zone or spelling corrected: the same start, or the same
 * clock.
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
