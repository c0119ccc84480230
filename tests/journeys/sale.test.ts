// The whole sale, and every way in which one ends, over HTTP with all services running.

import type { Order, Payment, Ticket } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listTicket, openWorld, orderIn, pay, reserve, ticketIn, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

describe('a ticket that is for sale', () => {
  it('is reserved, paid and then belongs to the buyer', async () => {
    const [seller, buyer, other] = [await world.member('Mara'), await world.member('Jonas'), await world.member('Ada')]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    expect(order.ticket).toMatchObject({ id: ticket.id, price: 4500, currency: 'usd' })

    const refused = await other.send<{ code: string }>('POST', '/api/orders', { ticketId: ticket.id })
    expect([refused.status, refused.body.code]).toEqual([409, 'ticket-taken'])

    const payment = await pay(buyer, order.id)
    expect(payment).toMatchObject({ orderId: order.id, amount: 4500, currency: 'usd' })
    await orderIn(buyer, order.id, 'complete')
    expect(await ticketIn(other, ticket.id, 'sold')).not.toHaveProperty('orderId')
    await world.settled()
    const [captured] = await buyer.expect<Payment[]>(200, 'GET', `/api/payments?orderId=${order.id}`)
    expect(captured).toMatchObject({ status: 'captured', amountRefunded: 0 })
  })

  it('is for sale again when its buyer cancels, and another one buys it', async () => {
    const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const first = await reserve(buyer, ticket.id)
    await buyer.expect(204, 'DELETE', `/api/orders/${first.id}`)
    await buyer.expect(204, 'DELETE', `/api/orders/${first.id}`)
    const second = await reserve(other, ticket.id)
    await pay(other, second.id)
    await orderIn(other, second.id, 'complete')
    await world.settled()
    expect((await buyer.expect<Order>(200, 'GET', `/api/orders/${first.id}`)).reason).toBe('buyer')
    expect((await seller.expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`)).status).toBe('sold')
  })

  it('is for sale again when the window runs out', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await world.settled()
    world.clock.advance(899_000)
    await world.settled()
    expect((await buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`)).status).toBe('awaiting:payment')
    world.clock.advance(1_500)
    const expired = await orderIn(buyer, order.id, 'cancelled')
    expect(expired.reason).toBe('expired')
    await ticketIn(buyer, ticket.id, 'listed')
  })
})
