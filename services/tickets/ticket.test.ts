import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TicketStatus } from '@aisle/contracts/entities'
import { describe, expect, it } from 'vitest'
import { decideHold, type HoldDecision, isTimeZone, moves, type Terms, whyNotEditable } from './ticket.ts'

const seat = { row: 'A', number: '12' }
const wanted: Terms = { price: 4500, currency: 'eur', eventId: 'a', seat }
const gone: HoldDecision = { hold: false, because: 'ticket-unavailable' }
const changed: HoldDecision = { hold: false, because: 'price-changed' }
const already: HoldDecision = { hold: 'already' }
const wait: HoldDecision = { hold: 'ask-again' }

/** Who holds the ticket, at which price, and how often the order has asked. */
const asks = {
  'its own, at the price seen': { holder: 'own', price: 4500, currency: 'eur', tries: 0 },
  'its own, at another price': { holder: 'own', price: 4600, currency: 'eur', tries: 0 },
  'its own, in another currency': { holder: 'own', price: 4500, currency: 'usd', tries: 0 },
  "another's, asked for the first time": { holder: 'other', price: 4500, currency: 'eur', tries: 0 },
  "another's, asked for the last time": { holder: 'other', price: 4500, currency: 'eur', tries: 5 },
} as const

const table: Record<TicketStatus, Record<keyof typeof asks, HoldDecision>> = {
  listed: {
    'its own, at the price seen': { hold: true },
    'its own, at another price': changed,
    'its own, in another currency': changed,
    "another's, asked for the first time": { hold: true },
    "another's, asked for the last time": { hold: true },
  },
  reserved: {
    'its own, at the price seen': already,
    'its own, at another price': already,
    'its own, in another currency': already,
    "another's, asked for the first time": wait,
    "another's, asked for the last time": gone,
  },
  sold: {
    'its own, at the price seen': already,
    'its own, at another price': already,
    'its own, in another currency': already,
    "another's, asked for the first time": gone,
    "another's, asked for the last time": gone,
  },
  withdrawn: {
    'its own, at the price seen': gone,
    'its own, at another price': gone,
    'its own, in another currency': gone,
    "another's, asked for the first time": gone,
    "another's, asked for the last time": gone,
  },
}
const editable: Record<TicketStatus, ReturnType<typeof whyNotEditable>> = {
  listed: null,
  reserved: 'ticket-reserved',
  sold: 'ticket-sold',
  withdrawn: 'ticket-withdrawn',
}

describe.each(Object.keys(table) as TicketStatus[])('a ticket that is %s', (status) => {
  it.each(Object.keys(asks) as (keyof typeof asks)[])('an order asks for %s', (name) => {
    const { holder, price, currency, tries } = asks[name]
    const orderId = status === 'reserved' || status === 'sold' ? holder : null
    expect(decideHold({ ...wanted, status, orderId, price, currency }, 'own', wanted, tries)).toEqual(
      table[status][name],
    )
  })

  it('is edited and withdrawn only while it is listed', () => expect(whyNotEditable(status)).toBe(editable[status]))
})

describe('a listed ticket at the price seen', () => {
  const decided = (ticket: Partial<Terms>, seen: Partial<Terms> = {}) =>
    decideHold({ ...wanted, ...ticket, status: 'listed', orderId: null }, 'own', { ...wanted, ...seen }, 0)

  it.each<[string, Partial<Terms>]>([
    ['another event', { eventId: 'b' }],
    ['no event any more', { eventId: null }],
    ['another seat', { seat: { ...seat, number: '13' } }],
    ['a seat in another section', { seat: { ...seat, section: 'Balcony' } }],
    ['no seat any more', { seat: null }],
  ])('for %s is not what the order is for', (_, ticket) => expect(decided(ticket)).toEqual(gone))

  it('is held for an order that names no event or no seat', () => {
    expect(decided({}, { eventId: null, seat: null })).toEqual({ hold: true })
    expect(decided({ eventId: null, seat: null }, { eventId: null, seat: null })).toEqual({ hold: true })
  })
})

it('a ticket that is not there is unavailable', () => expect(decideHold(null, 'own', wanted, 0)).toEqual(gone))

describe('the moves', () => {
  it('agree with the decisions', () => {
    const statuses = Object.keys(table) as TicketStatus[]
    const given = (status: TicketStatus) => decideHold({ ...wanted, status, orderId: null }, 'own', wanted, 0)
    expect(statuses.filter((status) => given(status).hold === true)).toEqual([moves.hold.from])
    expect(statuses.filter((status) => whyNotEditable(status) === null)).toEqual([moves.withdraw.from])
  })

  it('are in every statement that changes a status', () => {
    const files = globSync('**/*.ts', { cwd: import.meta.dirname, exclude: ['**/*.test.ts', 'node_modules'] })
    const changes = files.flatMap((file) =>
      [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/\bset\s+status = (.{9})/g)].map(
        ([, value]) => [file, value],
      ),
    )
    expect(changes.length).toBe(6)
    expect(changes.filter(([, value]) => !value!.startsWith('${moves.') && value !== 'case when')).toEqual([])
  })
})

it('a time zone is one that pages can show', () => {
  expect(isTimeZone('Europe/Vienna')).toBe(true)
  expect(isTimeZone('Mars/Olympus')).toBe(false)
})
