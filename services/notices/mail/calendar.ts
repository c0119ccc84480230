// The calendar file of a ticket (RFC 5545).

import ical, { ICalCalendarMethod } from 'ical-generator'
import type { SoldTicket } from '../rules.ts'

type Entry = { id: string; ticket: SoldTicket; url: string; host: string; madeAt: Date }

/** Null for a ticket without an event. The start is an instant: calendars show it on their own clock. */
export function calendarOf({ id, ticket, url, host, madeAt }: Entry): string | null {
  const { event, seat } = ticket
  if (!event) return null
  const place = [seat?.section, seat?.row, seat?.number].filter(Boolean).join(' / ')
  const calendar = ical({
    prodId: { company: 'Aisle', product: 'tickets', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
  })
  calendar.createEvent({
    id: `${id}@${host}`,
    stamp: madeAt,
    start: new Date(event.startsAt),
    summary: event.name,
    location: [event.venue, event.city].filter(Boolean).join(', '),
    description: [ticket.title, place].filter(Boolean).join('\n'),
    url,
  })
  return calendar.toString()
}
