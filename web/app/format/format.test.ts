import { expect, it } from 'vitest'
import { formatFor } from './format.ts'

const now = new Date('2027-12-31T12:00:00Z')

it('a date in a list names its year when that is not this one', () => {
  const { shortDate } = formatFor('en')
  expect(shortDate('2027-12-05T18:30:00Z', 'Europe/Berlin', now)).toBe('Sun 5 Dec')
  expect(shortDate('2031-12-05T18:30:00Z', 'Europe/Berlin', now)).toBe('Fri, 5 Dec 2031')
  expect(shortDate('2026-12-05T18:30:00Z', 'Europe/Berlin', now)).toBe('Sat, 5 Dec 2026')
  expect(formatFor('de').shortDate('2031-12-05T18:30:00Z', 'Europe/Berlin', now)).toBe('Fr., 5. Dez. 2031')
})

it('this year is the one that the calendar at the venue shows', () => {
  const { shortDate } = formatFor('en')
  const newYear = '2027-12-31T23:30:00Z'
  expect(shortDate(newYear, 'Europe/London', now)).toBe('Fri 31 Dec')
  expect(shortDate(newYear, 'Europe/Berlin', now)).toBe('Sat, 1 Jan 2028')
  expect(shortDate(newYear, 'Europe/Berlin', new Date('2027-12-31T23:15:00Z'))).toBe('Sat 1 Jan')
})
