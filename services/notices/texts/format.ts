// Dates, money and places in the language of a person.

import type { Language } from '@aisle/contracts/messages/auth'
import type { SoldTicket } from '../rules.ts'

export type Format = {
  readonly language: Language
  money(minor: number, currency: string): string
  /** On the clock of the venue, or in UTC where that is not known; the zone is named. */
  moment(iso: string, timeZone?: string): string
  /** The event of a ticket, or its title where there is none. */
  event(ticket: SoldTicket | null | undefined): string
  /** The rows that describe a ticket. */
  ticket(ticket: SoldTicket | null | undefined): [label: string, value: string][]
}

export type Labels = { event: string; venue: string; starts: string; seat: string; ticket: string }

const locales: Record<Language, string> = { en: 'en-GB', de: 'de-DE' }

const knows = (timeZone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone }))
  } catch {
    return false
  }
}

export function formatFor(language: Language, labels: Labels): Format {
  const locale = locales[language]
  const format: Format = {
    language,
    money(minor, currency) {
      const formatter = new Intl.NumberFormat(locale, { style: 'currency', currency })
      return formatter.format(minor / 10 ** (formatter.resolvedOptions().maximumFractionDigits ?? 2))
    },
    moment(iso, timeZone) {
      const zone = timeZone !== undefined && knows(timeZone) ? timeZone : 'UTC'
      const day = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const
      const time = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const
      return new Intl.DateTimeFormat(locale, { ...day, ...time, timeZone: zone }).format(new Date(iso))
    },
    event: (ticket) => ticket?.event?.name ?? ticket?.title ?? '',
    ticket(ticket) {
      if (!ticket) return []
      const { event, seat, title } = ticket
      const place = [seat?.section, seat?.row, seat?.number].filter(Boolean).join(' / ')
      const rows: [string, string | undefined][] = [
        [labels.event, event?.name],
        [labels.ticket, title],
        [labels.starts, event && format.moment(event.startsAt, event.timeZone)],
        [labels.venue, event && [event.venue, event.city].filter(Boolean).join(', ')],
        [labels.seat, place],
      ]
      return rows.filter((row): row is [string, string] => Boolean(row[1]))
    },
  }
  return format
}
