// An event that has started: its tickets cannot be listed, found, reserved or paid, and its seller still sees
// them.

import type { Event, Order, Payment, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { payOnPage } from '../hosted-page.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  holdAtProvider,
  listTicket,
  openWorld,
  orderIn,
  pay,
  payable,
  refusalOf,
  reserve,
  ticketIn,
  type World,
  webhooks,
} from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterEach(async () => {
  await world.sandbox('DELETE', '/_sandbox/faults')
  await webhooks(world, 'deliver')
})
afterAll(() => closeWorld(world))

const minuteMs = 60_000
let evenings = 0

/** A ticket whose event starts in this many minutes. */
const ticketSoon = (seller: Client, minutes = 5) =>
  listTicket(seller, {
    price: 4500,
    event: {
      name: `Evening ${++evenings}`,
      venue: 'Great Hall',
      city: 'Vienna',
      startsAt: new Date(world.clock.now().getTime() + minutes * minuteMs).toISOString(),
    },
  })

/** The same ticket, reserved and ready to be paid. */
async function reserved() {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await ticketSoon(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  return { seller, buyer, ticket, order }
}

/** The order ended unpaid because its event has started, nothing was captured, and nothing is held. */
async function isOver({ seller, buyer, ticket, order }: Awaited<ReturnType<typeof reserved>>) {
  expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe('event-begun')
  await ticketIn(seller, ticket.id, 'listed')
  await world.settled()
  const { captured, intents } = await providerSide(world, order.id)
  expect([captured, intents.filter(({ status }) => status === 'requires_capture')]).toEqual([0, []])
}

/** Runs `act` while no timer rings. */
async function withoutExpiration(act: () => Promise<void>) {
  await world.stack.stopService('expiration')
  try {
    await act()
  } finally {
    await world.stack.startService('expiration')
  }
}

describe('an event that has started', () => {
  it('is in no list and no search, nor are its tickets; their seller still sees them', async () => {
    const seller = await world.member()
    const ticket = await ticketSoon(seller)
    const { id: eventId, name } = ticket.event!
    const visitor = world.visitor()
    const before = new Date(world.clock.now().getTime() - 60 * minuteMs).toISOString()
    const q = encodeURIComponent(name)
    const shown = async () => {
      const seen: string[] = []
      for (const query of [
        'sort=newest',
        'sort=price&currency=usd',
        'sort=-price&currency=usd',
        'sort=soonest',
        `q=${q}`,
        `eventId=${eventId}`,
      ]) {
        const tickets = await visitor.expect<Ticket[]>(200, 'GET', `/api/tickets?limit=100&${query}`)
        if (tickets.some(({ id }) => id === ticket.id)) seen.push(query)
      }
      for (const query of ['', `q=${q}`, 'city=Vienna', `from=${before}`]) {
        const events = await visitor.expect<Event[]>(200, 'GET', `/api/events?limit=100&${query}`)
        if (events.some(({ id }) => id === eventId)) seen.push(`events ${query}`)
      }
      return seen
    }
    const stays = await listTicket(seller)
    expect(await shown()).toHaveLength(10)
    await world.clock.advance(5 * minuteMs - 1)
    expect(await shown()).toHaveLength(10)
    await world.clock.advance(1)
    expect(await shown()).toEqual([])
    const event = await visitor.expect<Event>(200, 'GET', `/api/events/${eventId}`)
    expect([event.listed, event.from]).toEqual([0, undefined])
    expect((await visitor.expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`)).status).toBe('listed')
    const mine = await seller.expect<Ticket[]>(200, 'GET', '/api/tickets/mine')
    expect(mine.map(({ id }) => id)).toEqual([stays.id, ticket.id])
    const soonest = await visitor.expect<Ticket[]>(200, 'GET', '/api/tickets?sort=soonest&limit=100')
    expect(soonest.map(({ id }) => id)).toContain(stays.id)
  })

  it('accepts no new ticket: the field is named, by id or described again', async () => {
    const seller = await world.member()
    const ticket = await ticketSoon(seller)
    await world.clock.advance(5 * minuteMs)
    const { id: eventId, name, venue, startsAt } = ticket.event!
    for (const [fields, field] of [
      [{ eventId }, 'eventId'],
      [{ event: { name, venue, startsAt } }, 'event.startsAt'],
    ] as const) {
      const refused = await seller.send('POST', '/api/tickets', { title: 'A seat', price: 4500, ...fields })
      expect(refusalOf(refused)).toEqual([400, 'invalid'])
      expect((refused.body as { errors: { field?: string }[] }).errors[0]?.field).toBe(field)
    }
  })

  it('has no ticket that can be reserved after its start, only before', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const [early, late] = [await ticketSoon(seller), await ticketSoon(seller)]
    await world.settled()
    await world.clock.advance(5 * minuteMs - 1)
    const order = await reserve(buyer, early.id)
    expect(order.expiresAt).toBe(early.event!.startsAt)
    await world.clock.advance(1)
    const refused = await buyer.send('POST', '/api/orders', { ticketId: late.id })
    expect(refusalOf(refused)).toEqual([409, 'event-begun'])
    await orderIn(buyer, order.id, 'cancelled')
  })
})

describe('an order that is unpaid when its event starts', () => {
  it('ends then, before its fifteen minutes are over, and is not payable', async () => {
    const sale = await reserved()
    expect(sale.order.expiresAt).toBe(sale.ticket.event!.startsAt)
    await world.clock.advance(5 * minuteMs)
    await isOver(sale)
    const refused = await sale.buyer.send('POST', '/api/payments', { orderId: sale.order.id })
    expect(refusalOf(refused)).toEqual([409, 'order-not-payable'])
  })

  it('is not payable either while nothing has ended it', async () => {
    const sale = await reserved()
    await withoutExpiration(async () => {
      await world.clock.advance(5 * minuteMs)
      const refused = await sale.buyer.send('POST', '/api/payments', { orderId: sale.order.id, token: 'tok_visa' })
      expect(refusalOf(refused)).toEqual([409, 'order-not-payable'])
    })
    await isOver(sale)
  })

  it('and was authorised before, but is decided after: the authorisation is released', async () => {
    const sale = await reserved()
    await withoutExpiration(async () => {
      const page = await sale.buyer.expect<Payment & { url: string }>(201, 'POST', '/api/payments', {
        orderId: sale.order.id,
      })
      await webhooks(world, 'hold')
      await payOnPage(page.url)
      await world.clock.advance(5 * minuteMs)
      await webhooks(world, 'deliver')
      await world.sandbox('POST', '/_sandbox/webhooks/deliver', { order: 'created', times: 1, concurrent: false })
      expect((await orderIn(sale.buyer, sale.order.id, 'cancelled')).reason).toBe('event-begun')
      await until(
        () => sale.buyer.expect<Payment>(200, 'GET', `/api/payments/${page.id}`),
        ({ status }) => status === 'voided',
        'the authorisation to be let go',
      )
    })
    await isOver(sale)
  })
})

it('a payment that waits for its order until the event has started is decided by the time after the wait', async () => {
  const sale = await reserved()
  const sql = world.sql('orders')
  const holding = await sql.reserve()
  try {
    await holding`begin`
    const [own] = await holding<{ pid: number }[]>`select pg_backend_pid() as pid`
    // Not the row: a transaction that has written keeps the messages of every service from being read.
    await holding`lock table orders in exclusive mode`
    await pay(sale.buyer, sale.order.id)
    await until(
      () => sql`select from pg_stat_activity where ${own!.pid} = any (pg_blocking_pids(pid))`,
      ({ length }) => length > 0,
      'the authorisation to wait for the order',
    )
    await world.clock.advance(5 * minuteMs)
    await holding`commit`
  } finally {
    holding.release()
  }
  await isOver(sale)
})

it('an order whose payment was accepted before the event started is completed after it', async () => {
  const { seller, buyer, ticket, order } = await reserved()
  const { reached, release } = await holdAtProvider(world, 'payment_intents.capture')
  await pay(buyer, order.id)
  await reached()
  await world.clock.advance(5 * minuteMs)
  await release()
  const paid: Order = await orderIn(buyer, order.id, 'complete')
  expect(paid.ticket.id).toBe(ticket.id)
  await ticketIn(seller, ticket.id, 'sold')
})
