// Who gets a ticket, and when it is released, even if messages are late or the expiration service is down.

import type { Order, Ticket } from '@aisle/contracts/entities'
import { compareMirrors } from '@aisle/dev/compare-mirrors'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import {
  holdAtProvider,
  listTicket,
  openWorld,
  orderIn,
  pay,
  refusalOf,
  reserve,
  ticketIn,
  type World,
} from '../world.ts'

const windowMs = 900_000

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

/** How many messages of a type there are about an aggregate. */
const said = async (service: 'orders' | 'tickets', type: string, subject: string) => {
  const [row] = await world.sql(service)<{ count: number }[]>`
    select count(*)::int as count from outbox where message ->> 'type' = ${type} and message ->> 'subject' = ${subject}`
  return row?.count
}

/** Makes the expiration service ring once more for an order that was decided long ago. */
async function ringLate(order: Order): Promise<void> {
  const message = {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: '/aisle/expiration',
    type: 'expiration:complete',
    subject: order.id,
    time: world.clock.now().toISOString(),
    datacontenttype: 'application/json',
    data: { orderId: order.id, version: 9, expiresAt: order.expiresAt },
  }
  await world.sql('expiration')`insert into outbox (message) values (${JSON.stringify(message)}::text::json)`
  await until(
    () => world.sql('orders')`select 1 from inbox where message_id = ${message.id}`,
    (heard) => heard.length === 1,
    'orders to hear the late bell',
  )
}

describe('a reserved ticket', () => {
  it('may have been listed a moment ago: a buyer ahead of the message to orders waits for it', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const asked = await world.sql('orders').begin(async (orders) => {
      await orders`lock table tickets in share row exclusive mode`
      const ticket = await listTicket(seller)
      const reply = buyer.send('POST', '/api/orders', { ticketId: ticket.id })
      await orders`select pg_sleep(0.2)`
      // In an array, so that the lock is not held until the response.
      return [reply]
    })
    expect((await asked[0]!).status).toBe(201)
  })

  it('is not for sale to a second buyer, who reads that it is taken [R1] [R2]', async () => {
    const [seller, first, second] = [await world.member(), await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(first, ticket.id)
    expect(refusalOf(await second.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([409, 'ticket-taken'])
    expect(refusalOf(await first.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([409, 'ticket-taken'])
    await world.settled()
    await orderIn(first, order.id, 'awaiting:payment')
    const [holder] = await world.sql('tickets')`select order_id from tickets where id = ${ticket.id}`
    expect(holder).toEqual({ orderId: order.id })
    // When it may come back is public; who has it is not.
    const seen = await world.visitor().expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`)
    expect(seen).toMatchObject({ status: 'reserved', heldUntil: order.expiresAt })
    expect(JSON.stringify(seen)).not.toContain(order.id)
  })

  it('stays with its buyer when the timer of an earlier buyer, who had cancelled, rings late [R3]', async () => {
    const [seller, early, late] = [await world.member(), await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const first = await reserve(early, ticket.id)
    await world.settled()
    // The expiration service is down during the cancellation and comes back when the first window is over.
    await world.stack.stopService('expiration')
    await world.clock.advance(windowMs / 2)
    await early.expect(204, 'DELETE', `/api/orders/${first.id}`)
    await ticketIn(early, ticket.id, 'listed')
    const second = await reserve(late, ticket.id)
    await world.clock.advance(windowMs / 2 + 1_000)
    await world.stack.startService('expiration')
    await ringLate(first)
    await world.settled()
    await orderIn(late, second.id, 'awaiting:payment')
    const [holder] = await world.sql('tickets')`select status, order_id from tickets where id = ${ticket.id}`
    expect(holder).toEqual({ status: 'reserved', orderId: second.id })
    await pay(late, second.id)
    await orderIn(late, second.id, 'complete')
  })

  it('is released once when the timer of a cancelled order rings again [R4]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await world.settled()
    await world.clock.advance(windowMs + 1_000)
    const expired = await orderIn(buyer, order.id, 'cancelled')
    expect(expired.reason).toBe('expired')
    await world.settled()
    await ringLate(order)
    await ringLate(order)
    await world.settled()
    expect(await said('orders', 'order:cancelled', order.id)).toBe(1)
    expect(await said('tickets', 'ticket:released', ticket.id)).toBe(1)
    expect(await buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`)).toEqual(expired)
  })

  it('is not taken from the next buyer when the first one cancels the cancelled order again [R5]', async () => {
    const [seller, first, second] = [await world.member(), await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const given = await reserve(first, ticket.id)
    await first.expect(204, 'DELETE', `/api/orders/${given.id}`)
    const kept = await reserve(second, ticket.id)
    await first.expect(204, 'DELETE', `/api/orders/${given.id}`)
    await first.expect(204, 'DELETE', `/api/orders/${given.id}`)
    await world.settled()
    expect(await said('orders', 'order:cancelled', given.id)).toBe(1)
    await orderIn(second, kept.id, 'awaiting:payment')
    await ticketIn(second, ticket.id, 'reserved')
  })

  it('cannot be cancelled by its buyer while the accepted payment is being captured [R6]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await world.settled()
    const { reached, release } = await holdAtProvider(world, 'payment_intents.capture')
    await pay(buyer, order.id)
    await reached()
    await orderIn(buyer, order.id, 'paying')
    expect(refusalOf(await buyer.send('DELETE', `/api/orders/${order.id}`))).toEqual([409, 'order-not-cancellable'])
    await release()
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(seller, ticket.id, 'sold')
  })
})

describe('a ticket whose window has run out', () => {
  it('goes to the next buyer although the expiration service is down [R9]', async () => {
    const [seller, slow, quick, third] = [
      await world.member(),
      await world.member(),
      await world.member(),
      await world.member(),
    ]
    const ticket = await listTicket(seller)
    const abandoned = await reserve(slow, ticket.id)
    await world.settled()
    await world.stack.stopService('expiration')
    try {
      expect(refusalOf(await quick.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([409, 'ticket-taken'])
      await world.clock.advance(windowMs + 1_000)
      expect(refusalOf(await slow.send('POST', '/api/payments', { orderId: abandoned.id, token: 'tok_visa' }))).toEqual(
        [409, 'order-not-payable'],
      )
      const order = await reserve(quick, ticket.id)
      expect(refusalOf(await third.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([409, 'ticket-taken'])
      expect((await orderIn(slow, abandoned.id, 'cancelled')).reason).toBe('expired')
      await pay(quick, order.id)
      await orderIn(quick, order.id, 'complete')
      await ticketIn(seller, ticket.id, 'sold')
    } finally {
      await world.stack.startService('expiration')
    }
    await world.settled()
    expect(await said('orders', 'order:cancelled', abandoned.id)).toBe(1)
  })

  it('is for sale again when the timer rang before its buyer was even confirmed', async () => {
    const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await world.settled()
    await world.stack.stopService('tickets')
    const order = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId: ticket.id })
    await until(
      () => world.sql('expiration')`select 1 from timers where order_id = ${order.id}`,
      (timers) => timers.length === 1,
      'the timer to be set',
    )
    await world.clock.advance(windowMs + 1_000)
    await orderIn(buyer, order.id, 'cancelled')
    await world.stack.startService('tickets')
    await world.settled()
    await ticketIn(other, ticket.id, 'listed')
    await orderIn(other, (await reserve(other, ticket.id)).id, 'awaiting:payment')
  })
})

describe('the timer of an order', () => {
  it('is one, rings once, and is dropped when the order has ended or is being paid [M14]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const timersOf = async (order: Order) =>
      (await world.sql('expiration')<{ status: string }[]>`select status from timers where order_id = ${order.id}`).map(
        ({ status }) => status,
      )
    const orders = []
    for (const _ of [1, 2, 3]) orders.push(await reserve(buyer, (await listTicket(seller)).id))
    const [cancelled, paid, abandoned] = orders as [Order, Order, Order]
    await world.settled()
    for (const order of orders) expect(await timersOf(order)).toEqual(['set'])
    await buyer.expect(204, 'DELETE', `/api/orders/${cancelled.id}`)
    await pay(buyer, paid.id)
    await orderIn(buyer, paid.id, 'complete')
    await world.settled()
    expect([await timersOf(cancelled), await timersOf(paid)]).toEqual([['dropped'], ['dropped']])
    await world.clock.advance(windowMs + 1_000)
    await orderIn(buyer, abandoned.id, 'cancelled')
    await world.settled()
    expect(await timersOf(abandoned)).toEqual(['rung'])
    const rung = await world.sql('expiration')<{ subject: string }[]>`
      select message ->> 'subject' as subject from outbox
      where message ->> 'subject' = any(${orders.map(({ id }) => id)})`
    expect(rung).toEqual([{ subject: abandoned.id }])
  })
})

describe('a ticket that is edited', () => {
  let seats = 0
  /**
   * An order for the ticket as it was before its seller changed it: orders receives the change after the buyer
   * has ordered.
   */
  async function orderedBefore(change: object) {
    const [seller, buyer] = [await world.member(), await world.member()]
    const seat = { section: 'Stalls', row: 'A', number: String(++seats) }
    const ticket = await listTicket(seller, { price: 4500, seat })
    await world.settled()
    await world.stack.stopService('orders')
    const changed = await seller.expect<Ticket>(200, 'PATCH', `/api/tickets/${ticket.id}`, change)
    const release = await holdMirror()
    await world.stack.startService('orders')
    const order = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId: ticket.id })
    await release()
    return { buyer, ticket, changed, order, ended: await orderIn(buyer, order.id, 'cancelled') }
  }

  it('before it is held ends the order as price-changed: no buyer pays a price other than the one shown [R11]', async () => {
    const { buyer, ticket, order, ended } = await orderedBefore({ price: 9900 })
    expect(order.ticket.price).toBe(4500)
    expect(ended.reason).toBe('price-changed')
    await world.settled()
    expect((await buyer.expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`)).status).toBe('listed')
    expect((await reserve(buyer, ticket.id)).ticket.price).toBe(9900)
  })

  it.each([
    ['seat', { seat: { section: 'Balcony', row: 'Z', number: '99' } }],
    ['event', { event: { name: 'Another evening', venue: 'Another hall', startsAt: '2099-11-01T19:00:00.000Z' } }],
  ] as const)(
    'before it is held ends the order: no buyer pays for a %s other than the one shown',
    async (part, change) => {
      const { buyer, ticket, changed, order, ended } = await orderedBefore(change)
      expect(order.ticket[part]).toEqual(ticket[part])
      expect(ended.reason).toBe('ticket-unavailable')
      await world.settled()
      expect(changed[part]).not.toEqual(ticket[part])
      expect((await reserve(buyer, ticket.id)).ticket[part]).toEqual(changed[part])
    },
  )

  it('after the ticket is held is refused to its seller [R11]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller, { price: 4500 })
    const order = await reserve(buyer, ticket.id)
    const refused = await seller.send('PATCH', `/api/tickets/${ticket.id}`, { price: 9900 })
    expect(refusalOf(refused)).toEqual([409, 'ticket-reserved'])
    expect((await ticketIn(seller, ticket.id, 'reserved')).price).toBe(order.ticket.price)
  })
})

/** Keeps orders from writing ticket updates, but not from reading tickets, until the returned function is called. */
async function holdMirror(): Promise<() => Promise<void>> {
  const connection = await world.sql('orders').reserve()
  await connection`begin`
  await connection`lock table tickets in share row exclusive mode`
  return async () => {
    await connection`commit`
    connection.release()
  }
}

describe('what the services know of each other', () => {
  it('is compared, and a ticket that orders has wrong or lacks is found [R10]', async () => {
    const seller = await world.member()
    const [wrong, missing] = [await listTicket(seller), await listTicket(seller)]
    await world.settled()
    expect(await compareMirrors(world.sql)).toEqual([])
    const orders = world.sql('orders')
    const [row] = await orders`delete from tickets where id = ${missing.id} returning *`
    await orders`update tickets set status = 'sold' where id = ${wrong.id}`
    expect(await compareMirrors(world.sql)).toEqual([
      `ticket ${wrong.id}: status is "listed" in tickets and "sold" in orders`,
      `orders does not know ticket ${missing.id} of tickets`,
    ])
    await orders`update tickets set status = 'listed' where id = ${wrong.id}`
    const { id, version, status, sellerId, title, price, currency } = row as never
    await orders`
      insert into tickets (id, version, status, seller_id, title, price, currency)
      values (${id}, ${version}, ${status}, ${sellerId}, ${title}, ${price}, ${currency})`
    expect(await compareMirrors(world.sql)).toEqual([])
  })
})
