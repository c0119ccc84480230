// Money and dates in the reader's language.

import { type Language, localeOf } from '../texts/languages.ts'
import { knownTimeZone } from './dates.ts'
import { editableMoney, formatMoney } from './money.ts'

export type Format = ReturnType<typeof makeFormat>

const made = new Map<Language, Format>()

export function formatFor(language: Language): Format {
  const known = made.get(language)
  if (known) return known
  const format = makeFormat(language)
  made.set(language, format)
  return format
}

function makeFormat(language: Language) {
  const locale = localeOf[language]
  // Creating a formatter is a hundred times more expensive than using it, and a list uses few zones.
  const formatters = new Map<string, Intl.DateTimeFormat>()
  const formatter = (timeZone: string | undefined, options: Intl.DateTimeFormatOptions) => {
    const key = `${timeZone} ${JSON.stringify(options)}`
    let found = formatters.get(key)
    if (!found) {
      found = new Intl.DateTimeFormat(locale, { ...options, timeZone: knownTimeZone(timeZone) })
      formatters.set(key, found)
    }
    return found
  }
  const inZone = (options: Intl.DateTimeFormatOptions) => (iso: string, timeZone?: string) =>
    formatter(timeZone, options).format(new Date(iso))
  const day = { weekday: 'short', day: 'numeric', month: 'short' } as const
  const [dayInYear, dayOfYear] = [inZone(day), inZone({ ...day, year: 'numeric' })]
  const year = inZone({ year: 'numeric' })
  return {
    money: (minor: number, currency: string) => formatMoney(minor, currency, locale),
    editableMoney: (minor: number, currency: string) => editableMoney(minor, currency, locale),
    /** Friday 5 December 2026 */
    longDate: inZone({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    /** Fri 5 Dec, or Fri, 5 Dec 2031 in any year but the current one. */
    shortDate: (iso: string, timeZone?: string, now = new Date()) =>
      (year(iso, timeZone) === year(now.toISOString(), timeZone) ? dayInYear : dayOfYear)(iso, timeZone),
    /** 19:00 */
    time: inZone({ hour: '2-digit', minute: '2-digit' }),
    /** 19:00 CET */
    timeWithZone: inZone({ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }),
    /** 19:00 on the reader's own clock; only in a browser. */
    ownTime: (instant: Date) => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(instant),
  }
}
