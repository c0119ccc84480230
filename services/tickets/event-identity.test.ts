import { expect, it } from 'vitest'
import { eventIdentity, isCorrection } from './event-identity.ts'

const event = {
  name: 'The Winter Concert',
  venue: 'Great Hall',
  city: 'Köln',
  startsAt: new Date('2099-12-01T19:00:00Z'),
  timeZone: 'Europe/Berlin',
}

it('an event named again, with other letter case and spacing, is the same event', () => {
  const same = { ...event, name: ' the  WINTER concert', venue: 'great hall ', city: 'KO\u0308LN' }
  expect(eventIdentity({ ...same, timeZone: 'europe/berlin' })).toBe(eventIdentity(event))
})

it('another place, start or zone is another event', () => {
  const others = [
    { ...event, name: 'The Winter Concerto' },
    { ...event, venue: 'Small Hall' },
    { ...event, city: 'Bonn' },
    { ...event, city: null },
    { ...event, startsAt: new Date('2099-12-01T19:00:00.001Z') },
    { ...event, timeZone: 'Pacific/Auckland' },
    { ...event, timeZone: null },
    // The separator between the parts cannot be smuggled into one of them.
    { ...event, name: 'The Winter Concert","great hall' },
  ]
  expect(new Set([event, ...others].map(eventIdentity)).size).toBe(others.length + 1)
})

it('its length does not depend on the name', () => {
  expect(eventIdentity({ ...event, name: 'ﷺ漢🎸'.repeat(60) })).toHaveLength(64)
})

it('a correction keeps name and venue, and the start or the clock on the wall', () => {
  const wrongZone = { ...event, timeZone: 'Pacific/Auckland', startsAt: new Date('2099-12-01T07:00:00Z') }
  expect(isCorrection(wrongZone, event)).toBe(true)
  expect(isCorrection(event, { ...event, name: 'THE WINTER CONCERT', city: 'Bonn', timeZone: null })).toBe(true)
  expect(isCorrection(event, { ...event, startsAt: new Date('2099-12-01T20:00:00Z') })).toBe(false)
  expect(isCorrection(event, { ...event, name: 'The Summer Concert' })).toBe(false)
})
