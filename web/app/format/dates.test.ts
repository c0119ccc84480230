import { expect, it } from 'vitest'
import { anywhereOn, fromLocalInput, knownTimeZone, toLocalDay, toLocalInput } from './dates.ts'
import { formatFor } from './format.ts'
import { timeZones } from './time-zones.ts'

it('the clock at the venue is what the seller types and what everyone sees', () => {
  expect(fromLocalInput('2026-12-05T19:30', 'Europe/Berlin')).toBe('2026-12-05T18:30:00.000Z')
  expect(fromLocalInput('2026-07-05T19:30', 'America/Los_Angeles')).toBe('2026-07-06T02:30:00.000Z')
  expect(toLocalInput('2026-12-05T18:30:00.000Z', 'Europe/Berlin')).toBe('2026-12-05T19:30')
  expect(formatFor('en').timeWithZone('2026-12-05T18:30:00.000Z', 'Europe/Berlin')).toBe('19:30 CET')
})

it('a date on either side of a clock change is read as it was meant', () => {
  for (const [local, utc] of [
    ['2026-03-29T01:30', '2026-03-29T00:30:00.000Z'],
    ['2026-03-29T03:30', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25T01:30', '2026-10-24T23:30:00.000Z'],
    ['2026-10-25T04:30', '2026-10-25T03:30:00.000Z'],
  ] as const) {
    expect(fromLocalInput(local, 'Europe/Berlin'), local).toBe(utc)
  }
})

it('a day is the one of the venue, and lies between the instants at which it begins and ends anywhere', () => {
  expect(toLocalDay('2026-12-05T23:30:00.000Z', 'Asia/Tokyo')).toBe('2026-12-06')
  expect(toLocalDay('2026-12-05T03:30:00.000Z', 'America/Los_Angeles')).toBe('2026-12-04')
  const { first, last } = anywhereOn('2026-12-05')
  expect(fromLocalInput('2026-12-05T00:00', 'Pacific/Kiritimati')).toBe(first)
  expect(fromLocalInput('2026-12-06T00:00', 'Etc/GMT+12')).toBe(last)
  expect(anywhereOn('soon')).toEqual({ first: 'soon', last: 'soon' })
})

it('what is no date is not made into one', () => {
  for (const typed of ['', 'tomorrow', '2026-13-40T99:99', '05.12.2026 19:30'])
    expect(fromLocalInput(typed, 'UTC')).toBeNull()
})

it('a time zone that nobody knows is shown in UTC instead of failing the page', () => {
  expect(knownTimeZone('Mars/Olympus_Mons')).toBe('UTC')
  expect(formatFor('de').time('2026-12-05T18:30:00.000Z', 'Mars/Olympus_Mons')).toBe('18:30')
})

it('every zone that can be chosen is known, and the one that a ticket has stays', () => {
  for (const zone of timeZones(undefined)) expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow()
  expect(timeZones('Asia/Kathmandu')[0]).toBe('Asia/Kathmandu')
})
