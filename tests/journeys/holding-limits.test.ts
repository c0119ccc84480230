// How much one buyer may hold: a number of unpaid orders, and a number of tickets for one event.

import type { Order, Payment, Ticket } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, orderIn, pay, payable, refusalOf, reserve, type World } from '../world.ts'

// The defaults.
const [mostUnpaid, mostOfEvent] = [6, 8]

let world: World
beforeAll(async () => {
  world = await openWorld({ MAX_UNPAID_ORDERS: mostUnpaid, MAX_TICKETS_PER_EVENT: mostOfEvent })
})
afterAll(() => closeWorld(world))

let events = 0
const newEvent = () => ({ name: `Night ${++events}`, venue: 'Hall', startsAt: '2099-12-01T19:00:00Z' })

/** This many tickets, known to orders: all for one event, or each for its own. */
async function tickets(count: number, event?: ReturnType<typeof newEvent>): Promise<Ticket[]> {
  const seller = await world.member()
  const listed: Ticket[] = []
  for (let n = 0; n < count; n++) listed.push(await listTicket(seller, { event: event ?? newEvent() }))
  await world.settled()
  return listed
}
const ask = (buyer: Client, { id }: Ticket) => buyer.send<Order>('POST', '/api/orders', { ticketId: id })
const buyOne = async (buyer: Client, { id }: Ticket): Promise<Payment> => {
  const order = await reserve(buyer, id)
  await payable(world, order.id)
  const payment = await pay(buyer, order.id)
  await orderIn(buyer, order.id, 'complete')
  return payment
}

describe('unpaid orders of one buyer', () => {
  it('are at most six: a seventh ticket waits until one of them is cancelled or paid', async () => {
    const buyer = await world.member()
    const [first, second, ...rest] = await tickets(8)
    const orders: Order[] = []
    for (const ticket of rest) orders.push(await reserve(buyer, ticket.id))
    expect(orders).toHaveLength(mostUnpaid)
    expect(refusalOf(await ask(buyer, first!))).toEqual([409, 'too-many-orders'])
    await buyer.expect(204, 'DELETE', `/api/orders/${orders[0]!.id}`)
    expect((await ask(buyer, first!)).status).toBe(201)
    expect(refusalOf(await ask(buyer, second!))).toEqual([409, 'too-many-orders'])
    await payable(world, orders[1]!.id)
    await pay(buyer, orders[1]!.id)
    await orderIn(buyer, orders[1]!.id, 'complete')
    expect((await ask(buyer, second!)).status).toBe(201)
    // Another buyer is not affected.
    expect((await ask(await world.member(), rest[0]!)).status).toBe(201)
  })

  it('are at most six, however many are requested at once', async () => {
    const buyer = await world.member()
    for (let time = 0; time < 3; time++) {
      const replies = await Promise.all((await tickets(14)).map((ticket) => ask(buyer, ticket)))
      const granted = replies.filter(({ status }) => status === 201)
      expect(granted).toHaveLength(mostUnpaid)
      for (const reply of replies.filter(({ status }) => status !== 201))
        expect(refusalOf(reply)).toEqual([409, 'too-many-orders'])
      for (const { body } of granted) await buyer.expect(204, 'DELETE', `/api/orders/${body.id}`)
    }
  })

  it('do not count once their time is over, even if nothing has ended them', async () => {
    const buyer = await world.member()
    const [last, ...first] = await tickets(mostUnpaid + 1)
    const orders = await Promise.all(first.map(({ id }) => reserve(buyer, id)))
    await world.settled()
    await world.stack.stopService('expiration')
    await world.clock.advance(900_000)
    expect((await ask(buyer, last!)).status).toBe(201)
    await world.stack.startService('expiration')
    for (const { id } of orders) expect((await orderIn(buyer, id, 'cancelled')).reason).toBe('expired')
  })
})

describe('tickets of one event that one buyer has', () => {
  it('are at most eight, bought and reserved together; refunded ones do not count', async () => {
    const [buyer, seller, event] = [await world.member(), await world.member(), newEvent()]
    const own: Ticket[] = []
    for (let n = 0; n < mostOfEvent + 2; n++) own.push(await listTicket(seller, { event }))
    const [last, later, ...first] = own
    const payments: Payment[] = []
    for (const ticket of first.slice(0, 5)) payments.push(await buyOne(buyer, ticket))
    for (const { id } of first.slice(5)) await reserve(buyer, id)
    expect(refusalOf(await ask(buyer, last!))).toEqual([409, 'too-many-tickets'])
    const [elsewhere] = await tickets(1)
    await reserve(buyer, elsewhere!.id)

    const [payment] = payments
    await seller.expect(201, 'POST', `/api/payments/${payment!.id}/refunds`, { amount: 100 })
    await world.settled()
    expect(refusalOf(await ask(buyer, last!))).toEqual([409, 'too-many-tickets'])
    await seller.expect(201, 'POST', `/api/payments/${payment!.id}/refunds`, {})
    await orderIn(buyer, payment!.orderId, 'refunded')
    expect((await ask(buyer, last!)).status).toBe(201)
    expect(refusalOf(await ask(buyer, later!))).toEqual([409, 'too-many-tickets'])
  })

  it('are at most eight, however many are requested at once, two of them bought', async () => {
    const generous = await openWorld({ MAX_TICKETS_PER_EVENT: mostOfEvent })
    const [seller, buyer, event] = [await generous.member(), await generous.member(), newEvent()]
    const own: Ticket[] = []
    for (let n = 0; n < 16; n++) own.push(await listTicket(seller, { event }))
    for (const { id } of own.splice(0, 2)) {
      const order = await reserve(buyer, id)
      await payable(generous, order.id)
      await pay(buyer, order.id)
      await orderIn(buyer, order.id, 'complete')
    }
    await generous.settled()
    const replies = await Promise.all(own.map((ticket) => ask(buyer, ticket)))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(mostOfEvent - 2)
    for (const reply of replies.filter(({ status }) => status !== 201))
      expect(refusalOf(reply)).toEqual([409, 'too-many-tickets'])
    await closeWorld(generous)
  })
})
