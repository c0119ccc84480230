// Converts the input of the ticket form for the API.

import type { listTicket } from '@aisle/contracts/api/tickets'
import type { Body } from '@aisle/contracts/endpoint'
import type { Ticket } from '@aisle/contracts/entities'
import { fromLocalInput, knownTimeZone, skippedTo } from '../format/dates.ts'
import { parseMoney } from '../format/read-money.ts'
import { eventValues, type Values } from '../format/ticket-values.ts'
import type { Rejected } from '../parts/rejection.tsx'
import { filled, type Typed } from './forms.server.ts'
import { sayNext } from './say-next.server.ts'
import type { Context } from './visit.server.ts'

type TicketBody = Body<typeof listTicket>

/**
 * The body for the API; `ticket` is the one being edited. Unchanged values are sent as they are stored, because
 * the form has fewer digits than the API. Unreadable values stay as typed: the API refuses them together with
 * all other faults, so there is one judge.
 */
export function readTicketForm(typed: Typed, ticket: Ticket | null): TicketBody {
  const { currency = '', price = '' } = typed
  const body = {
    ...filled({ title: typed.title, currency, description: readDescription(typed.description, ticket) }),
    price: parseMoney(price, /^[a-z]{3}$/.test(currency) ? currency : 'eur') ?? price,
    ...readSeat(typed, ticket),
    ...(typed.eventId ? { eventId: typed.eventId } : readEvent(typed, ticket)),
  }
  return body as unknown as TicketBody
}

const stands = (typed: Typed, values: Values) =>
  Object.entries(values).every(([name, value = '']) => (typed[name] ?? '') === value)

/** A browser ends every line with CR and LF, whatever the text had. */
function readDescription(typed = '', ticket: Ticket | null): string {
  const plain = (text: string) => text.replaceAll(/\r\n?/g, '\n')
  const before = ticket?.description ?? ''
  return plain(typed) === plain(before) ? before : plain(typed)
}

function readSeat(typed: Typed, ticket: Ticket | null): { seat?: object } {
  const [section, row, number] = [typed['seat.section'], typed['seat.row'], typed['seat.number']]
  const before = ticket?.seat
  if (before && stands(typed, { 'seat.section': before.section, 'seat.row': before.row, 'seat.number': before.number }))
    return { seat: before }
  const seat = filled({ section, row, number })
  return Object.keys(seat).length > 0 ? { seat } : {}
}

function readEvent(typed: Typed, ticket: Ticket | null): { event?: object; eventId?: string } {
  const { 'event.startsAt': startsAt = '', 'event.timeZone': timeZone = '', 'event.kind': kind } = typed
  const before = ticket?.event
  const shown = eventValues(before)
  if (before && stands(typed, shown)) return { eventId: before.id }
  const named = filled({ name: typed['event.name'], venue: typed['event.venue'], city: typed['event.city'] })
  // A ticket created through the API may have no event, and keep none. A partly named event is refused because
  // of what is missing.
  if (ticket && Object.keys(named).length === 0 && startsAt === '') return {}
  const isSameTime = before && startsAt === shown['event.startsAt'] && timeZone === shown['event.timeZone']
  return {
    event: {
      ...named,
      startsAt: isSameTime ? before.startsAt : (fromLocalInput(startsAt, knownTimeZone(timeZone)) ?? startsAt),
      ...filled({ timeZone, kind }),
    },
  }
}

/**
 * The form to send back if the venue's clock skips the typed time, until the seller has accepted the time it
 * becomes; else null. Submitting again accepts it.
 */
export function askAboutSkippedTime(typed: Typed, ticket: Ticket | null): Rejected | null {
  const { 'event.startsAt': startsAt = '', 'event.timeZone': timeZone = '', skippedTime } = typed
  const becomes = skippedTo(startsAt, knownTimeZone(timeZone))
  const asked = `${startsAt} ${timeZone}`
  if (becomes === null || skippedTime === asked || (ticket && stands(typed, eventValues(ticket.event)))) return null
  return {
    values: { ...typed, skippedTime: asked },
    code: 'skipped-time',
    faults: [{ field: 'event.startsAt', message: becomes }],
  }
}

/**
 * Tells the seller if the event differs from what they typed: an event that others also sell tickets for keeps
 * its spelling and kind.
 */
export function sayIfEventIsKept(context: Context, typed: Typed, { id, event }: Ticket): void {
  if (!event || typed.eventId) return
  const { name, venue, city, kind } = event
  const said = { 'event.name': name, 'event.venue': venue, 'event.city': city, 'event.kind': kind }
  const isKept = Object.entries(said).some(([field, value = '']) => (typed[field]?.trim() ?? '') !== value)
  if (isKept) sayNext(context, 'event-kept', { about: id })
}
