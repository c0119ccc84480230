// The whole sale, and every way it can end, over HTTP with all services running.

import type { Problem } from '@aisle/contracts/endpoint'
import type { Order, Payment, Ticket } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  buy,
  listTicket,
  openWorld,
  orderIn,
  pay,
  payable,
  refusalOf,
  reserve,
  ticketIn,
  type World,
} from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

describe('a ticket that is for sale', () => {
  it('is reserved, awaits payment, is paid and then belongs to the buyer [R12]', async () => {
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
    await world.clock.advance(899_000)
    await world.settled()
    expect((await buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`)).status).toBe('awaiting:payment')
    await world.clock.advance(1_500)
    const expired = await orderIn(buyer, order.id, 'cancelled')
    expect(expired.reason).toBe('expired')
    await ticketIn(buyer, ticket.id, 'listed')
  })

  it('cannot be bought by its own seller [R8]', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller)
    await world.settled()
    expect(refusalOf(await seller.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([403, 'own-ticket'])
    await ticketIn(seller, ticket.id, 'listed')
  })
})

describe('a ticket that is sold', () => {
  it('stays sold: its buyer cannot cancel, others cannot buy it, its seller cannot change it [R6]', async () => {
    const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
    const { ticket, order } = await buy(world, seller, buyer)
    expect(refusalOf(await buyer.send('DELETE', `/api/orders/${order.id}`))).toEqual([409, 'order-not-cancellable'])
    await world.settled()
    expect(refusalOf(await other.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([409, 'ticket-taken'])
    expect(refusalOf(await seller.send('PATCH', `/api/tickets/${ticket.id}`, { price: 50 }))).toEqual([
      409,
      'ticket-sold',
    ])
    expect(refusalOf(await seller.send('DELETE', `/api/tickets/${ticket.id}`))).toEqual([409, 'ticket-sold'])
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(seller, ticket.id, 'sold')
  })

  it('is visible to its buyer as an order, and to no one else', async () => {
    const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
    const { order, payment } = await buy(world, seller, buyer)
    expect(refusalOf(await other.send('GET', `/api/orders/${order.id}`))).toEqual([403, 'forbidden'])
    expect(refusalOf(await other.send('DELETE', `/api/orders/${order.id}`))).toEqual([403, 'forbidden'])
    expect(refusalOf(await other.send('GET', `/api/payments/${payment.id}`))).toEqual([403, 'forbidden'])
    expect(refusalOf(await other.send('GET', `/api/payments?orderId=${order.id}`))).toEqual([403, 'forbidden'])
    expect(refusalOf(await world.visitor().send('GET', `/api/orders/${order.id}`))).toEqual([401, 'not-signed-in'])
    const [mine] = await buyer.expect<Order[]>(200, 'GET', '/api/orders?status=complete')
    expect(mine?.id).toBe(order.id)
    expect(await other.expect<Order[]>(200, 'GET', '/api/orders')).toEqual([])
  })
})

describe('a price', () => {
  it.each([
    ['usd', 1999],
    ['usd', 50],
    ['eur', 99_999_999],
    ['jpy', 12_345],
  ])('of %s %d is what is shown, ordered and charged, to the last unit [P4] [P6]', async (currency, price) => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller, { price, currency })
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    const payment = await pay(buyer, order.id)
    await orderIn(buyer, order.id, 'complete')
    expect([ticket.price, order.ticket.price, payment.amount]).toEqual([price, price, price])
    expect([ticket.currency, order.ticket.currency, payment.currency]).toEqual([currency, currency, currency])
    expect(await providerSide(world, order.id)).toMatchObject({ captured: price, captures: 1 })
  })

  it.each([19.99, 0.001, 0, 49, -100, 100_000_000, 1e21, '1999', null, [1999], { $gt: 0 }])(
    'of %j is refused when the ticket is listed or edited [P4]',
    async (price) => {
      const seller = await world.member()
      const listed = await seller.send<Problem>('POST', '/api/tickets', { title: 'A seat', price })
      expect(refusalOf(listed)).toEqual([400, 'invalid'])
      expect(listed.body.errors).toEqual([{ field: 'price', message: expect.any(String) }])
      const ticket = await listTicket(seller)
      const edited = await seller.send('PATCH', `/api/tickets/${ticket.id}`, { price })
      expect(refusalOf(edited)).toEqual([400, 'invalid'])
    },
  )
})
