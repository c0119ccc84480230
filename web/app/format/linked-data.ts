// Events and offers for search engines: schema.org.

import type { Ticket, TicketEvent } from '@aisle/contracts/entities'
import { knownTimeZone, toOffsetTime } from './dates.ts'
import { unturned } from './isolate.ts'
import { minorDigits } from './money.ts'

const schema = 'https://schema.org'

/** An event at its page. Its start has the offset of the venue, so it is the time on the ticket. */
export function linkedEvent({ id, name, venue, city, startsAt, timeZone }: TicketEvent, publicUrl: string): object {
  const url = `${publicUrl}/events/${id}`
  return {
    '@type': 'Event',
    name: unturned(name),
    startDate: timeZone ? toOffsetTime(startsAt, knownTimeZone(timeZone)) : startsAt,
    eventStatus: `${schema}/EventScheduled`,
    url,
    image: `${url}/poster.svg`,
    location: { '@type': 'Place', name: unturned(venue), ...(city ? { address: unturned(city) } : {}) },
  }
}

/** A ticket at its page, without its event. */
export function linkedOffer(
  { id, price, currency, status }: Ticket,
  { publicUrl, hasBegun }: { publicUrl: string; hasBegun: boolean },
): object {
  return {
    '@type': 'Offer',
    url: `${publicUrl}/tickets/${id}`,
    price: (price / 10 ** minorDigits(currency)).toFixed(minorDigits(currency)),
    priceCurrency: currency.toUpperCase(),
    availability: status === 'listed' && !hasBegun ? `${schema}/InStock` : `${schema}/SoldOut`,
  }
}
