// A request repeated because a click or a response was lost has the same effect as the first one.

import type { Order, Payment, Refund, Ticket } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  buy,
  holdAtProvider,
  listTicket,
  openWorld,
  orderIn,
  payable,
  refusalOf,
  reserve,
  type World,
} from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

const keyed = (key: string = crypto.randomUUID()) => ({ 'idempotency-key': key })
const replayed = (headers: Headers) => headers.get('idempotent-replayed') === 'true'

describe('the same request with the same key', () => {
  it('sent ten times at once creates one order, and every response except "wait" contains it', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await world.settled()
    const key = keyed()
    const order = () => buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id }, key)
    const replies = await Promise.all(Array.from({ length: 10 }, order))
    for (const reply of replies.filter(({ status }) => status !== 201))
      expect(refusalOf(reply)).toEqual([409, 'idempotency-key-in-use'])
    const made = replies.filter(({ status }) => status === 201)
    expect(made.filter(({ headers }) => !replayed(headers))).toHaveLength(1)
    const again = await order()
    expect([again.status, replayed(again.headers)]).toEqual([201, true])
    for (const { body } of made) expect(body).toEqual(again.body)
    expect(again.headers.get('location')).toBe(`/api/orders/${again.body.id}`)
    expect(await buyer.expect<Order[]>(200, 'GET', '/api/orders')).toHaveLength(1)
  })

  it('gets the first response although the world has moved on', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await world.settled()
    const key = keyed()
    const first = await buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id }, key)
    await buyer.expect(204, 'DELETE', `/api/orders/${first.body.id}`)
    const again = await buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id }, key)
    expect(again.body).toEqual(first.body)
    await world.settled()
    expect(await buyer.expect<Order[]>(200, 'GET', '/api/orders')).toHaveLength(1)
  })

  it('refunds once, although the first response was so late that the second request took its place', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { order, payment } = await buy(world, seller, buyer)
    const key = keyed()
    const give = () => seller.send<Refund>('POST', `/api/payments/${payment.id}/refunds`, { amount: 1000 }, key)
    const { reached, release } = await holdAtProvider(world, 'refunds.create')
    const first = give()
    await reached()
    expect(refusalOf(await give())).toEqual([409, 'idempotency-key-in-use'])
    // A request without a response for that long is presumed dead.
    await world.clock.advance(61_000)
    const second = await give()
    await release()
    expect([second.status, second.body.id]).toEqual([201, (await first).body.id])
    await world.settled()
    expect(await providerSide(world, order.id)).toMatchObject({ captured: 4500, refunded: 1000 })
  })

  it('gets the first response however its fields are ordered', async () => {
    const seller = await world.member()
    const key = keyed()
    const one = '{"title":"A seat","price":500,"seat":{"row":"A","number":"1"}}'
    const other = '{ "seat": {"number":"1", "row":"A"}, "price": 500, "title": "A seat" }'
    const first = await seller.expect<Ticket>(201, 'POST', '/api/tickets', one, key)
    expect((await seller.expect<Ticket>(201, 'POST', '/api/tickets', other, key)).id).toBe(first.id)
  })

  it('gets the same refusal again, too', async () => {
    const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    const key = keyed()
    const refused = await other.send('POST', '/api/orders', { ticketId: ticket.id }, key)
    expect(refusalOf(refused)).toEqual([409, 'ticket-taken'])
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await world.settled()
    const again = await other.send('POST', '/api/orders', { ticketId: ticket.id }, key)
    expect([...refusalOf(again), replayed(again.headers)]).toEqual([409, 'ticket-taken', true])
    expect((await other.send('POST', '/api/orders', { ticketId: ticket.id }, keyed())).status).toBe(201)
  })

  it('pays once; while the first is under way the second must wait [P2]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    const { reached, release } = await holdAtProvider(world, 'payment_intents.create')
    const key = keyed()
    const paying = () => buyer.send<Payment>('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' }, key)
    const first = paying()
    await reached()
    expect(refusalOf(await paying())).toEqual([409, 'idempotency-key-in-use'])
    await release()
    const done = await first
    expect(done.status).toBe(201)
    const again = await paying()
    expect([again.status, replayed(again.headers)]).toEqual([201, true])
    expect(again.body).toEqual(done.body)
    await orderIn(buyer, order.id, 'complete')
    expect(await providerSide(world, order.id)).toMatchObject({ captures: 1 })
  })

  it('lists one ticket and makes one account', async () => {
    const seller = await world.member()
    const key = keyed()
    const list = () => seller.send<Ticket>('POST', '/api/tickets', { title: 'A seat', price: 500 }, key)
    const [first, again] = [await list(), await list()]
    expect([first.status, again.body]).toEqual([201, first.body])
    expect(await seller.expect<Ticket[]>(200, 'GET', '/api/tickets/mine')).toHaveLength(1)

    const account = { email: `${crypto.randomUUID()}@aisle.test`, password: 'a good password' }
    const [one, two] = [world.visitor(), world.visitor()]
    const signedUp = await one.send('POST', '/api/users/signup', account, key)
    const signedUpAgain = await two.send('POST', '/api/users/signup', account, key)
    expect([signedUp.status, signedUpAgain.status]).toEqual([201, 201])
    expect(signedUpAgain.body).toEqual(signedUp.body)
    await two.expect(200, 'GET', '/api/tickets/mine')
  })
})

describe('the same key', () => {
  it('with another request is refused, whatever differs', async () => {
    const seller = await world.member()
    const key = keyed()
    const ticket = await seller.expect<Ticket>(201, 'POST', '/api/tickets', { title: 'A seat', price: 500 }, key)
    const other = await seller.send('POST', '/api/tickets', { title: 'A seat', price: 501 }, key)
    expect(refusalOf(other)).toEqual([422, 'idempotency-key-reused'])
    expect(refusalOf(await seller.send('DELETE', `/api/tickets/${ticket.id}`, undefined, key))).toEqual([
      422,
      'idempotency-key-reused',
    ])
    expect(await seller.expect<Ticket[]>(200, 'GET', '/api/tickets/mine')).toMatchObject([{ status: 'listed' }])
  })

  it('of another person is another key', async () => {
    const [one, two] = [await world.member(), await world.member()]
    const key = keyed()
    const first = await one.expect<Ticket>(201, 'POST', '/api/tickets', { title: 'Mine', price: 500 }, key)
    const second = await two.expect<Ticket>(201, 'POST', '/api/tickets', { title: 'Mine', price: 500 }, key)
    expect(second.id).not.toBe(first.id)
    expect(second.seller.id).toBe(two.user.id)
  })

  it('must be visible text of a sensible length', async () => {
    const seller = await world.member()
    for (const key of ['a b', 'x'.repeat(256)])
      expect(refusalOf(await seller.send('POST', '/api/tickets', { title: 'A seat', price: 500 }, keyed(key)))).toEqual(
        [400, 'invalid'],
      )
  })
})
