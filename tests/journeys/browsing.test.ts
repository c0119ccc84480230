// Lists: every page has a next one until the end, and nothing is missed or shown twice.

import type { Problem } from '@aisle/contracts/endpoint'
import type { Event, Ticket } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, Reply } from '../client.ts'
import { listTicket, openWorld, refusalOf, type World } from '../world.ts'

let world: World
let seller: Client
beforeAll(async () => {
  world = await openWorld()
  seller = await world.member('Seller')
})
afterAll(() => world[Symbol.asyncDispose]())

/** Follows the Link header to the end. */
async function allPages<T>(client: Client, path: string): Promise<T[][]> {
  const pages: T[][] = []
  for (let next: string | undefined = path; next; ) {
    const { status, body, headers }: Reply<T[]> = await client.send<T[]>('GET', next)
    expect(status).toBe(200)
    pages.push(body)
    next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
  }
  return pages
}

describe('a list of many tickets', () => {
  const prices = [700, 500, 900, 500, 500, 1200, 700]
  let ids: string[]
  beforeAll(async () => {
    ids = []
    for (const [index, price] of prices.entries())
      ids.push((await listTicket(seller, { title: `Balcony seat ${index}`, price })).id)
  })

  it('is shown page by page, each ticket once, in every order [U1]', async () => {
    for (const sort of ['newest', 'price', '-price', 'soonest']) {
      const pages = await allPages<Ticket>(world.visitor(), `/api/tickets?sort=${sort}&limit=2&currency=usd`)
      const shown = pages.flat()
      expect(pages.every((page) => page.length <= 2)).toBe(true)
      expect(new Set(shown.map(({ id }) => id))).toEqual(new Set(ids))
      expect(shown).toHaveLength(ids.length)
      const order = shown.map(({ price }) => price)
      if (sort === 'newest') expect(shown.map(({ id }) => id)).toEqual(ids.toReversed())
      if (sort === 'price') expect(order).toEqual(prices.toSorted((a, b) => a - b))
      if (sort === '-price') expect(order).toEqual(prices.toSorted((a, b) => b - a))
    }
  })

  it("shows a seller all of theirs, withdrawn ones too, and nobody else's", async () => {
    const other = await world.member()
    await seller.expect(204, 'DELETE', `/api/tickets/${ids[0]}`)
    expect((await allPages<Ticket>(seller, '/api/tickets/mine?limit=3')).flat()).toHaveLength(ids.length)
    expect(await other.expect<Ticket[]>(200, 'GET', '/api/tickets/mine')).toEqual([])
    expect(
      (await allPages<Ticket>(world.visitor(), '/api/tickets?limit=100')).flat().map(({ id }) => id),
    ).not.toContain(ids[0])
  })

  it('is found by the beginnings of words of title, event and venue', async () => {
    const find = async (q: string) =>
      (await world.visitor().expect<Ticket[]>(200, 'GET', `/api/tickets?q=${encodeURIComponent(q)}`)).length
    expect(await find('balc')).toBe(ids.length - 1)
    expect(await find('GREAT hall')).toBe(ids.length - 1)
    expect(await find('balcony 3')).toBe(1)
    expect(await find('opera')).toBe(0)
    expect(await find("'; drop table tickets; --")).toBe(0)
    expect(await find('& | ! :*')).toBe(0)
  })
})

describe('events', () => {
  it('are listed soonest first, with how many tickets there are and the lowest price', async () => {
    const event = { name: 'Final', venue: 'Arena', city: 'Oslo', startsAt: '2098-05-01T18:00:00Z', kind: 'sport' }
    for (const price of [900, 600])
      await seller.expect(201, 'POST', '/api/tickets', { title: 'Seat', price, currency: 'eur', event })
    // The same event, typed differently by another seller.
    const other = await world.member()
    const same = { ...event, name: ' final ', venue: 'ARENA' }
    await other.expect(201, 'POST', '/api/tickets', { title: 'Seat', price: 650, currency: 'eur', event: same })
    const events = await world.visitor().expect<Event[]>(200, 'GET', '/api/events?city=oslo&kind=sport')
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ name: 'Final', listed: 3, from: { price: 600, currency: 'eur' } })
    const tickets = await world
      .visitor()
      .expect<Ticket[]>(200, 'GET', `/api/tickets?eventId=${events[0]!.id}&sort=price&currency=eur`)
    expect(tickets.map(({ price }) => price)).toEqual([600, 650, 900])
    expect(await world.visitor().expect<Event[]>(200, 'GET', '/api/events?to=2098-01-01T00:00:00Z')).toEqual([])
    // By price: an event with one ticket that is cheap enough is shown, in its own currency.
    const count = async (query: string) =>
      (await world.visitor().expect<Event[]>(200, 'GET', `/api/events?city=oslo&${query}`)).length
    expect(await count('maxPrice=599&currency=eur')).toBe(0)
    expect(await count('maxPrice=600&currency=eur')).toBe(1)
    expect(await count('currency=usd')).toBe(0)
    const between = await world
      .visitor()
      .expect<Ticket[]>(
        200,
        'GET',
        `/api/tickets?eventId=${events[0]!.id}&sort=price&minPrice=610&maxPrice=899&currency=eur`,
      )
    expect(between.map(({ price }) => price)).toEqual([650])
  })
})

it('an event shows its lowest price in each currency, starting with that of most tickets, and lists one at a time', async () => {
  const seller = await world.member()
  const event = { name: 'Two Markets', venue: 'Border Hall', startsAt: '2098-05-01T18:00:00Z' }
  for (const [price, currency] of [
    [9800, 'jpy'],
    [9000, 'eur'],
    [9900, 'eur'],
    [2500, 'usd'],
    [3000, 'jpy'],
    [12_000, 'jpy'],
  ] as const)
    await listTicket(seller, { price, currency, event })
  const [found] = await seller.expect<Event[]>(200, 'GET', '/api/events?q=two+markets')
  const prices = [
    { price: 3000, currency: 'jpy' },
    { price: 9000, currency: 'eur' },
    { price: 2500, currency: 'usd' },
  ]
  expect(found).toMatchObject({ listed: 6, from: prices[0], prices })
  expect(await seller.expect(200, 'GET', `/api/events/${found!.id}`)).toMatchObject({
    listed: 6,
    from: prices[0],
    prices,
  })
  const read = async (query: string) =>
    (await seller.expect<Ticket[]>(200, 'GET', `/api/tickets?eventId=${found!.id}&${query}`)).map(({ price }) => price)
  expect(await read('sort=price&currency=jpy')).toEqual([3000, 9800, 12_000])
  expect(await read('sort=-price&currency=eur')).toEqual([9900, 9000])
  // Without a currency it is that of most of its tickets.
  expect(await read('sort=price')).toEqual([3000, 9800, 12_000])
  expect(await read('maxPrice=9500&currency=eur')).toEqual([9000])
  const cheap = '/api/events?q=two+markets&maxPrice=2600'
  expect(await seller.expect<Event[]>(200, 'GET', `${cheap}&currency=usd`)).toHaveLength(1)
  expect(await seller.expect<Event[]>(200, 'GET', `${cheap}&currency=jpy`)).toEqual([])
})

it.each([
  ['/api/tickets?sort=price', 'currency'],
  ['/api/tickets?sort=-price', 'currency'],
  ['/api/tickets?minPrice=900', 'currency'],
  ['/api/tickets?maxPrice=900', 'currency'],
  ['/api/events?maxPrice=900', 'currency'],
  ['/api/tickets?minPrice=900&maxPrice=800&currency=eur', 'maxPrice'],
  ['/api/events?from=2098-02-01T00:00:00Z&to=2098-01-01T00:00:00Z', 'to'],
])('%s, which is meaningless, is refused with the field', async (path, field) => {
  const refused = await world.visitor().send<Problem>('GET', path)
  expect(refusalOf(refused)).toEqual([400, 'invalid'])
  expect(refused.body.errors[0]?.field).toBe(field)
})
