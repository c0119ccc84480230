import { expect, it } from 'vitest'
import {
  anywhereOn,
  fromLocalInput,
  knownTimeZone,
  skippedTo,
  toLocalDay,
  toLocalInput,
  toOffsetTime,
} from './dates.ts'
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

// The clocks go forward, and back, in both hemispheres, by an hour or by half an hour, at midnight and at other
// hours.
const changes = [
  [
    'Europe/Berlin',
    '2027-03-28T02:30',
    '03:30',
    '2027-03-28T01:30:00.000Z',
    '2027-10-31T02:30',
    '2027-10-31T00:30:00.000Z',
  ],
  [
    'Europe/London',
    '2027-03-28T01:30',
    '02:30',
    '2027-03-28T01:30:00.000Z',
    '2027-10-31T01:30',
    '2027-10-31T00:30:00.000Z',
  ],
  [
    'Atlantic/Azores',
    '2027-03-28T00:30',
    '01:30',
    '2027-03-28T01:30:00.000Z',
    '2027-10-31T00:30',
    '2027-10-31T00:30:00.000Z',
  ],
  [
    'America/New_York',
    '2027-03-14T02:30',
    '03:30',
    '2027-03-14T07:30:00.000Z',
    '2027-11-07T01:30',
    '2027-11-07T05:30:00.000Z',
  ],
  [
    'America/Los_Angeles',
    '2027-03-14T02:00',
    '03:00',
    '2027-03-14T10:00:00.000Z',
    '2027-11-07T01:00',
    '2027-11-07T08:00:00.000Z',
  ],
  [
    'America/St_Johns',
    '2027-03-14T02:15',
    '03:15',
    '2027-03-14T05:45:00.000Z',
    '2027-11-07T01:15',
    '2027-11-07T03:45:00.000Z',
  ],
  [
    'America/Havana',
    '2027-03-14T00:30',
    '01:30',
    '2027-03-14T05:30:00.000Z',
    '2027-11-07T00:30',
    '2027-11-07T04:30:00.000Z',
  ],
  [
    'America/Santiago',
    '2027-09-05T00:30',
    '01:30',
    '2027-09-05T04:30:00.000Z',
    '2027-04-03T23:30',
    '2027-04-04T02:30:00.000Z',
  ],
  [
    'Australia/Sydney',
    '2027-10-03T02:30',
    '03:30',
    '2027-10-02T16:30:00.000Z',
    '2027-04-04T02:30',
    '2027-04-03T15:30:00.000Z',
  ],
  [
    'Australia/Lord_Howe',
    '2027-10-03T02:15',
    '02:45',
    '2027-10-02T15:45:00.000Z',
    '2027-04-04T01:45',
    '2027-04-03T14:45:00.000Z',
  ],
  [
    'Pacific/Auckland',
    '2027-09-26T02:30',
    '03:30',
    '2027-09-25T14:30:00.000Z',
    '2027-04-04T02:30',
    '2027-04-03T13:30:00.000Z',
  ],
  [
    'Pacific/Chatham',
    '2027-09-26T03:00',
    '04:00',
    '2027-09-25T14:15:00.000Z',
    '2027-04-04T03:00',
    '2027-04-03T13:15:00.000Z',
  ],
] as const

it.each(changes)(
  'in %s, %s is skipped and becomes %s, and of a time that comes twice it is the earlier',
  (zone, skipped, becomes, instant, twice, earlier) => {
    expect(fromLocalInput(skipped, zone)).toBe(instant)
    expect(skippedTo(skipped, zone)).toBe(`${skipped.slice(0, 11)}${becomes}`)
    expect(fromLocalInput(twice, zone)).toBe(earlier)
    expect(skippedTo(twice, zone)).toBeNull()
  },
)

it('around every change of a year in every zone, each time reads back as itself, and as the earlier of two', () => {
  const [day, step] = [86_400_000, 1_800_000]
  const start = Date.parse('2027-01-01T00:15:00Z')
  const offsetAt = (at: number, zone: string) => toOffsetTime(new Date(at).toISOString(), zone).slice(19)
  const wrong: string[] = []
  let [twice, gaps] = [0, 0]
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const days = Array.from({ length: 365 }, (_, index) => start + index * day)
    const changes = days.filter((at, index) => index > 0 && offsetAt(at, zone) !== offsetAt(at - day, zone))
    for (const change of changes) {
      let previous = Number.NaN
      for (let at = change - 1.5 * day; at < change + day / 2; at += step) {
        const local = toLocalInput(new Date(at).toISOString(), zone)
        const read = Date.parse(fromLocalInput(local, zone)!)
        if (toLocalInput(new Date(read).toISOString(), zone) !== local || read > at) wrong.push(`${zone} ${local}`)
        if (read !== at) twice++
        const wall = Date.parse(`${local}Z`)
        const skips = wall - previous - step
        if (skips > 0) {
          gaps++
          const missing = new Date(wall - step).toISOString().slice(0, 16)
          if (Date.parse(fromLocalInput(missing, zone)!) !== at - step + skips) wrong.push(`${zone} ${missing}`)
        }
        previous = wall
      }
    }
  }
  expect(wrong).toEqual([])
  expect([twice > 100, gaps > 50]).toEqual([true, true])
})

it('a day that a zone left out is skipped by a day', () => {
  expect(skippedTo('2011-12-30T12:00', 'Pacific/Apia')).toBe('2011-12-31T12:00')
})

it('an instant is written with the offset of the venue', () => {
  expect(toOffsetTime('2027-05-08T18:30:00.000Z', 'Europe/Berlin')).toBe('2027-05-08T20:30:00+02:00')
  expect(toOffsetTime('2027-05-08T18:30:30.500Z', 'America/St_Johns')).toBe('2027-05-08T16:00:30-02:30')
  expect(toOffsetTime('2027-05-08T18:30:00.000Z', 'UTC')).toBe('2027-05-08T18:30:00+00:00')
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
  for (const typed of [
    '',
    'tomorrow',
    '2026-13-40T99:99',
    '05.12.2026 19:30',
    '2027-02-30T10:00',
    '2027-06-30T24:00',
    '2027-06-30T23:60',
  ])
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
