import type { Ticket } from '@aisle/contracts/entities'
import { expect, it } from 'vitest'
import { changesOf, mergeTickets, newest } from './merge-tickets.ts'

const event = { id: 'e1', name: 'A night', venue: 'Hall', startsAt: '2099-01-01T20:00:00Z' }
const ticket = (id: string, price: number, changes: Partial<Ticket> = {}): Ticket => ({
  id,
  title: id,
  price,
  currency: 'eur',
  event,
  seller: { id: 's', name: 'Sam' },
  status: 'listed',
  version: 1,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  ...changes,
})
const heard = (...tickets: Ticket[]) => new Map(tickets.map((one) => [one.id, one]))
const whole = { eventId: 'e1', currency: 'eur' as const, hasBefore: false, hasAfter: false }
const ids = (tickets: readonly Ticket[]) => tickets.map(({ id }) => id)

it('the higher version is shown, whichever way it came', () => {
  const [sent, later] = [ticket('a', 5000, { version: 2 }), ticket('a', 5000, { version: 3, status: 'sold' })]
  expect(newest(sent, heard(later))).toBe(later)
  expect(newest(later, heard(sent))).toBe(later)
  expect(newest(sent, heard())).toBe(sent)
})

it('a ticket that is taken stays where it was, and is counted', () => {
  const sent = [ticket('a', 1000), ticket('b', 2000)]
  const merged = mergeTickets(sent, heard(ticket('a', 1000, { version: 2, status: 'reserved' })), whole)
  expect(merged.map(({ id, status }) => `${id} ${status}`)).toEqual(['a reserved', 'b listed'])
  expect(changesOf(sent, merged)).toEqual({ gone: 1, added: 0 })
})

it('a new ticket takes its place by price', () => {
  const sent = [ticket('a', 1000), ticket('c', 3000)]
  const merged = mergeTickets(sent, heard(ticket('b', 2000), ticket('d', 9000)), whole)
  expect(ids(merged)).toEqual(['a', 'b', 'c', 'd'])
  expect(changesOf(sent, merged)).toEqual({ gone: 0, added: 2 })
})

it('a new ticket in another currency has no place among these prices', () => {
  const sent = [ticket('a', 1000), ticket('c', 3000)]
  const merged = mergeTickets(sent, heard(ticket('b', 2000, { currency: 'jpy' })), whole)
  expect(ids(merged)).toEqual(['a', 'c'])
  const first = heard(ticket('b', 2000, { currency: 'jpy' }), ticket('d', 100))
  expect(ids(mergeTickets([], first, { ...whole, currency: null }))).toEqual(['b'])
})

it('what belongs on another page, to another event, or is not for sale does not come', () => {
  const sent = [ticket('b', 2000), ticket('c', 3000)]
  const middle = { ...whole, hasBefore: true, hasAfter: true }
  const others = heard(
    ticket('a', 2000),
    ticket('d', 3000),
    ticket('x', 2500, { event: { ...event, id: 'e2' } }),
    ticket('y', 2500, { status: 'sold' }),
  )
  expect(ids(mergeTickets(sent, others, middle))).toEqual(['b', 'c'])
})
