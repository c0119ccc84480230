// The values of the ticket form, by the API's field names.

import type { Ticket } from '@aisle/contracts/entities'
import type { Language } from '../texts/languages.ts'
import { knownTimeZone, toLocalInput } from './dates.ts'
import type { Format } from './format.ts'

export type Values = Readonly<Record<string, string | undefined>>

/** A first guess at where the seller is; the form asks. */
const homeOf: Record<Language, { currency: string; timeZone: string }> = {
  en: { currency: 'gbp', timeZone: 'Europe/London' },
  de: { currency: 'eur', timeZone: 'Europe/Berlin' },
  'ar-XB': { currency: 'eur', timeZone: 'Europe/Berlin' },
}

export function emptyTicket(language: Language): Values {
  const { currency, timeZone } = homeOf[language]
  return { currency, 'event.timeZone': timeZone }
}

export function valuesOf({ title, price, currency, description, seat, event }: Ticket, format: Format): Values {
  return {
    title,
    price: format.editableMoney(price, currency),
    currency,
    description,
    ...eventValues(event),
    'seat.section': seat?.section,
    'seat.row': seat?.row,
    'seat.number': seat?.number,
  }
}

/** The form's time has no seconds, and its zone is one that this runtime knows. */
export function eventValues(event: Ticket['event']): Values {
  if (!event) return {}
  const timeZone = knownTimeZone(event.timeZone)
  return {
    'event.name': event.name,
    'event.venue': event.venue,
    'event.city': event.city,
    'event.startsAt': toLocalInput(event.startsAt, timeZone),
    'event.timeZone': timeZone,
    'event.kind': event.kind ?? '',
  }
}
