// What the sandbox deletes, and what it must keep.

import { afterEach, expect, it } from 'vitest'
import { Store } from './store.ts'

const store = new Store(':memory:')
afterEach(() => store.clear())

const day = 24 * 60 * 60
const event = (id: string, created: number) => ({ id, created, type: 'refund.created', data: { object: {} } }) as never
const left = () => store.events.all().map(({ id }) => id)

it('events of more than 30 days ago go, with their deliveries; younger ones stay', () => {
  for (const [id, created] of [
    ['evt_old', 1],
    ['evt_young', 31 * day],
  ] as const) {
    store.events.insert(event(id, created))
    store.deliveries.add(id, 'delivered', created * 1000)
  }
  store.pruneEvents(day)
  expect(left()).toEqual(['evt_young'])
  expect([store.deliveries.find('evt_old'), store.deliveries.find('evt_young')?.status]).toEqual([
    undefined,
    'delivered',
  ])
})

it('an event that has not been delivered yet stays, however old it is', () => {
  store.events.insert(event('evt_held', 1))
  store.deliveries.add('evt_held', 'held', 1_000)
  store.pruneEvents(day)
  expect(left()).toEqual(['evt_held'])
})

it('many go a part at a time', () => {
  for (let nth = 0; nth < 700; nth++) store.events.insert(event(`evt_${nth}`, 1))
  store.pruneEvents(day)
  expect(left()).toHaveLength(200)
  store.pruneEvents(day)
  expect(left()).toHaveLength(0)
})
