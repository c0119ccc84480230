// A ticket shows its event as its seller described it. One seller's edit changes nothing for another.

import type { Event, Order, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventIdentity } from '../../services/tickets/event-identity.ts'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, reserve, ticketIn, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

let nights = 0
/** A unique event for each test. */
const anEvent = () => ({
  name: `Open Air ${++nights}`,
  venue: 'Stadium',
  city: 'Berlin',
  startsAt: '2099-05-08T18:30:00.000Z',
  timeZone: 'Europe/Berlin',
  kind: 'concert',
})
const put = (seller: Client, { id, title, price }: Ticket, event: object) =>
  seller.expect<Ticket>(200, 'PUT', `/api/tickets/${id}`, { title, price, event })
const read = (id: string) => world.visitor().expect<Ticket>(200, 'GET', `/api/tickets/${id}`)
const eventsNamed = async (name: string) =>
  (await world.visitor().expect<Event[]>(200, 'GET', `/api/events?q=${encodeURIComponent(name)}`)).filter(
    (event) => event.name.toLowerCase() === name.toLowerCase(),
  )

describe("another seller's wrong zone or city", () => {
  it('does not become mine', async () => {
    const [rival, seller] = [await world.member(), await world.member()]
    const event = anEvent()
    await listTicket(rival, { event: { ...event, timeZone: 'Pacific/Auckland', city: 'Elsewhere' } })
    const ticket = await listTicket(seller, { event })
    expect(ticket.event).toMatchObject(event)
  })

  it('is left behind if I had joined it and enter the right one', async () => {
    const [rival, seller] = [await world.member(), await world.member()]
    const event = anEvent()
    const wrong = { ...event, city: 'Elsewhere' }
    const theirs = await listTicket(rival, { event: wrong })
    const ticket = await listTicket(seller, { event: wrong })
    expect(ticket.event?.id).toBe(theirs.event?.id)
    expect((await put(seller, ticket, event)).event).toMatchObject(event)
    expect((await read(theirs.id)).event).toMatchObject(wrong)
  })
})

describe('an event with only my tickets', () => {
  it.each<[string, Record<string, string>]>([
    ['the letter case of its name', { name: 'OPEN air' }],
    ['its kind', { kind: 'festival' }],
    ['its city', { city: 'Hamburg' }],
    ['its time zone, where it begins at the same instant', { timeZone: 'Europe/Vienna' }],
    ['its time zone, where the clock shows the same', { timeZone: 'Asia/Tokyo', startsAt: '2099-05-08T11:30:00.000Z' }],
  ])('is corrected for all of my tickets by an edit of one: %s', async (_, correction) => {
    const seller = await world.member()
    const event = anEvent()
    const [first, second] = [await listTicket(seller, { event }), await listTicket(seller, { event })]
    const corrected = { ...event, ...correction, name: correction.name ? event.name.toUpperCase() : event.name }
    const edited = await put(seller, first, corrected)
    expect(edited).toMatchObject({ event: { ...corrected, id: first.event!.id }, version: 2 })
    expect(await read(second.id)).toMatchObject({ event: corrected, version: 2 })
    expect(await eventsNamed(event.name)).toHaveLength(1)
    await world.settled()
    // Buyers from now on buy the corrected event.
    const order = await reserve(await world.member(), second.id)
    expect(order.ticket.event).toMatchObject(corrected)
  })

  it('becomes another one with another name or start, and the rest of my tickets stay', async () => {
    const seller = await world.member()
    const event = anEvent()
    const [first, second] = [await listTicket(seller, { event }), await listTicket(seller, { event })]
    const other = { ...event, startsAt: '2099-05-09T18:30:00.000Z' }
    expect((await put(seller, first, other)).event).toMatchObject(other)
    expect((await read(second.id)).event).toEqual(second.event)
  })

  it('is found by its corrected details, in its city and by soonest', async () => {
    const seller = await world.member()
    const event = anEvent()
    const [first, second] = [await listTicket(seller, { event }), await listTicket(seller, { event })]
    await put(seller, first, { ...event, city: 'Łódź' })
    for (const path of [
      `/api/tickets?q=${encodeURIComponent(`${event.name} lodz`)}`,
      '/api/tickets?sort=soonest&limit=100',
    ])
      expect((await world.visitor().expect<Ticket[]>(200, 'GET', path)).map(({ id }) => id)).toEqual(
        expect.arrayContaining([first.id, second.id]),
      )
    const inCity = await world.visitor().expect<Event[]>(200, 'GET', '/api/events?city=lodz')
    expect(inCity.map(({ id }) => id)).toContain(first.event!.id)
  })

  it('that is corrected to an existing one becomes that one', async () => {
    const [seller, other] = [await world.member(), await world.member()]
    const event = anEvent()
    const there = await listTicket(other, { event })
    const ticket = await listTicket(seller, { event: { ...event, city: 'Elsewhere' } })
    expect((await put(seller, ticket, event)).event).toEqual(there.event)
  })

  it('does not change under a buyer: an order keeps what was bought', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const event = anEvent()
    const [first, second] = [await listTicket(seller, { event }), await listTicket(seller, { event })]
    await world.settled()
    const order = await reserve(buyer, second.id)
    const edited = await put(seller, first, { ...event, city: 'Hamburg' })
    expect(edited.event).toMatchObject({ city: 'Hamburg' })
    expect((await read(second.id)).event).toEqual(second.event)
    const { ticket } = await buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`)
    expect(ticket.event).toEqual(second.event)
  })
})

describe('an event that others also sell tickets for', () => {
  it('keeps its spelling and kind, and the response shows it', async () => {
    const [seller, other] = [await world.member(), await world.member()]
    const event = anEvent()
    const ticket = await listTicket(seller, { event })
    await listTicket(other, { event })
    const edited = await put(seller, ticket, { ...event, name: event.name.toUpperCase(), kind: 'sport' })
    expect(edited.event).toEqual(ticket.event)
  })

  it('is not changed by a seller who corrects it while another joins it', async () => {
    const [seller, other] = [await world.member(), await world.member()]
    const event = anEvent()
    const ticket = await listTicket(seller, { event })
    await world.settled()
    const sql = world.sql('tickets')
    const both = await sql.begin(async (tx) => {
      // Another seller's ticket that is not committed yet.
      const [joining] = await tx<{ id: string }[]>`
        insert into tickets (id, version, title, price, currency, event_id, starts_at, seller_id, status, search,
          search_version, created_at, updated_at)
        values (uuidv7(), 1, 'One seat', 4500, 'eur', ${ticket.event!.id}, now(), ${other.user.id}, 'withdrawn', '', 1,
          now(), now()) returning id`
      const edit = put(seller, ticket, { ...event, city: 'Hamburg' })
      await blocked()
      return { joining: joining!.id, edit }
    })
    expect((await both.edit).event).toMatchObject({ city: 'Hamburg' })
    const [joined] = await sql`
      select e.city from tickets t join events e on e.id = t.event_id where t.id = ${both.joining}`
    expect(joined).toEqual({ city: 'Berlin' })
    await sql`delete from tickets where id = ${both.joining}`
  })

  it('is joined by a seller who corrects theirs to it while it is being created', async () => {
    const seller = await world.member()
    const event = anEvent()
    const ticket = await listTicket(seller, { event: { ...event, city: 'Elsewhere' } })
    const identity = eventIdentity({ ...event, startsAt: new Date(event.startsAt) })
    const made = await world.sql('tickets').begin(async (tx) => {
      const [row] = await tx<{ id: string }[]>`
        insert into events (id, identity, name, venue, city, city_key, starts_at, time_zone, search, search_version,
          created_at)
        values (uuidv7(), ${identity}, ${event.name}, ${event.venue}, 'Berlin', 'berlin', ${event.startsAt},
          ${event.timeZone}, '', 1, now()) returning id`
      const edit = put(seller, ticket, event)
      await blocked()
      return { id: row!.id, edit }
    })
    expect((await made.edit).event?.id).toBe(made.id)
  })

  it('is not joined by a seller who named it while it is being corrected', async () => {
    const [seller, other] = [await world.member(), await world.member()]
    const event = anEvent()
    const ticket = await listTicket(seller, { event })
    const listing = await world.sql('tickets').begin(async (tx) => {
      await tx`update events set identity = 'corrected', city = 'Hamburg' where id = ${ticket.event!.id}`
      await tx`select from events where id = ${ticket.event!.id} for update`
      const listing = listTicket(other, { event })
      await blocked()
      return { listing }
    })
    const listed = await listing.listing
    expect(listed.event).toMatchObject({ city: 'Berlin' })
    expect(listed.event?.id).not.toBe(ticket.event?.id)
  })

  /** Waits until a request waits for a lock held by the test. */
  const blocked = () =>
    until(
      () => world.sql('tickets')<{ count: number }[]>`
        select count(*)::int as count from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
      ([row]) => row!.count > 0,
      'a request to wait for the lock',
    )
})

it('simultaneous corrections of all tickets of an event take turns, and all of them are the same in the end', async () => {
  const seller = await world.member()
  const event = anEvent()
  const tickets: Ticket[] = []
  for (let seat = 0; seat < 6; seat++) tickets.push(await listTicket(seller, { event }))
  const replies = await Promise.all(
    tickets.map(({ id, title, price }, index) =>
      seller.send('PUT', `/api/tickets/${id}`, { title, price, event: { ...event, city: `City ${index}` } }),
    ),
  )
  expect(replies.map(({ status }) => status)).toEqual(tickets.map(() => 200))
  const cities = new Set<string | undefined>()
  for (const { id } of tickets) cities.add((await ticketIn(seller, id, 'listed')).event?.city)
  expect(cities.size).toBe(1)
})
