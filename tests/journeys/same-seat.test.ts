// A seat of an event can be listed only once, across all sellers and spellings.

import type { Problem } from '@aisle/contracts/endpoint'
import type { Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, Reply } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import {
  listTicket,
  openWorld,
  orderIn,
  orderInTime,
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

let rows = 0
/** A seat that no other test uses. */
const newSeat = () => ({ section: 'Block É', row: String(++rows), number: '12' })
const event = { name: 'The Final', venue: 'Arena', city: 'Oslo', startsAt: '2099-05-01T18:00:00Z' }
const body = (seat?: Ticket['seat'], of = event) => ({
  title: 'A seat',
  price: 4500,
  event: of,
  ...(seat ? { seat } : {}),
})
const list = (seller: Client, seat?: Ticket['seat'], of = event) =>
  seller.send<Ticket>('POST', '/api/tickets', body(seat, of))
const listed = async (seller: Client, seat?: Ticket['seat']) => {
  const { status, body } = await list(seller, seat)
  expect(status).toBe(201)
  return body
}
const refused = (reply: Reply) => {
  expect(refusalOf(reply)).toEqual([409, 'seat-listed'])
  expect((reply.body as Problem).errors[0]?.field).toBe('seat')
}

describe('a seat that is for sale', () => {
  it('is not listed again, by its seller or by another, however it is spelled', async () => {
    const [seller, other] = [await world.member(), await world.member()]
    const seat = newSeat()
    await listed(seller, seat)
    refused(await list(seller, seat))
    refused(await list(other, seat))
    refused(await list(other, { section: ' BLOCK e', row: `0${seat.row}`, number: '１２' }))
    await listed(other, { ...seat, number: '13' })
    await listed(other, newSeat())
    expect((await list(other, seat, { ...event, startsAt: '2099-05-02T18:00:00Z' })).status).toBe(201)
  })

  it('listed by ten at once is listed once', async () => {
    const sellers = await Promise.all(Array.from({ length: 10 }, () => world.member()))
    await listed(sellers[0]!)
    for (let time = 0; time < 5; time++) {
      const seat = newSeat()
      const replies = await Promise.all(sellers.map((seller) => list(seller, seat)))
      expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
      for (const reply of replies.filter(({ status }) => status !== 201)) refused(reply)
    }
  })

  it('is not accepted when another ticket is changed to it, fully or partly', async () => {
    const [seller, other] = [await world.member(), await world.member()]
    const seat = newSeat()
    await listed(seller, seat)
    const ticket = await listed(other, newSeat())
    refused(await other.send('PATCH', `/api/tickets/${ticket.id}`, { seat }))
    refused(await other.send('PUT', `/api/tickets/${ticket.id}`, body(seat)))
    const elsewhere = await listTicket(other, { seat } as never)
    const { id, name, venue, city, startsAt } = ticket.event!
    refused(await other.send('PATCH', `/api/tickets/${elsewhere.id}`, { eventId: id }))
    refused(await other.send('PATCH', `/api/tickets/${elsewhere.id}`, { event: { name, venue, city, startsAt } }))
    expect((await ticketIn(other, ticket.id, 'listed')).version).toBe(1)
    await other.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 5000, seat: ticket.seat })
  })

  it('of two tickets changed to it at once belongs to one', async () => {
    const sellers = await Promise.all(Array.from({ length: 4 }, () => world.member()))
    const tickets = await Promise.all(sellers.map((seller) => listed(seller, newSeat())))
    const seat = newSeat()
    const replies = await Promise.all(
      sellers.map((seller, index) => seller.send('PATCH', `/api/tickets/${tickets[index]!.id}`, { seat })),
    )
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409])
  })

  it('is free again when its ticket is withdrawn or changed to another seat, and not while it is reserved or sold', async () => {
    const [seller, other, buyer] = [await world.member(), await world.member(), await world.member()]
    const [seat, next] = [newSeat(), newSeat()]
    const first = await listed(seller, seat)
    await seller.expect(200, 'PATCH', `/api/tickets/${first.id}`, { seat: next })
    const ticket = await listed(other, seat)
    await seller.expect(204, 'DELETE', `/api/tickets/${first.id}`)
    await listed(other, next)
    const order = await reserve(buyer, ticket.id)
    refused(await list(seller, seat))
    await payable(world, order.id)
    await pay(buyer, order.id)
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(other, ticket.id, 'sold')
    refused(await list(seller, seat))
  })
})

describe('a seat that was sold', () => {
  const sold = async (token = 'tok_visa') => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const seat = newSeat()
    const ticket = await listed(seller, seat)
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    const payment = await pay(buyer, order.id, token)
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(seller, ticket.id, 'sold')
    const refund = (body = {}) => seller.expect(201, 'POST', `/api/payments/${payment.id}/refunds`, body)
    const isRefunded = (refunded: true | undefined) =>
      until(
        () => seller.expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`),
        (now) => now.refunded === refunded,
        `the ticket to be refunded: ${refunded}`,
      )
    return { seller, buyer, seat, ticket, order, refund, isRefunded }
  }

  it('is listed again once its buyer has the whole price back, and not for a part of it', async () => {
    const { seller, buyer, seat, ticket, order, refund, isRefunded } = await sold()
    await refund({ amount: 1000 })
    await world.settled()
    refused(await list(seller, seat))
    await refund()
    expect(await isRefunded(true)).toMatchObject({ id: ticket.id, status: 'sold' })
    const again = await listed(seller, seat)
    expect(again.id).not.toBe(ticket.id)
    refused(await list(buyer, seat))
    await reserve(await world.member(), again.id)
    expect(refusalOf(await buyer.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([409, 'ticket-taken'])
    await orderIn(buyer, order.id, 'refunded')
  })

  it('is not free any more when the refund fails later', async () => {
    const { seller, buyer, seat, order, refund, isRefunded } = await sold('tok_refundFail')
    await refund()
    await isRefunded(true)
    await orderInTime(world, buyer, order.id, 'complete')
    await isRefunded(undefined)
    refused(await list(seller, seat))
  })

  it('and was listed again stays so when the refund fails later: one of the two tickets is for sale', async () => {
    const { seller, buyer, seat, order, refund, isRefunded } = await sold('tok_refundFail')
    await refund()
    await isRefunded(true)
    const again = await listed(seller, seat)
    await orderInTime(world, buyer, order.id, 'complete')
    await world.settled()
    await isRefunded(true)
    await ticketIn(seller, again.id, 'listed')
    refused(await list(seller, seat))
  })
})

it('tickets without a seat are listed any number of times', async () => {
  const seller = await world.member()
  for (const seat of [undefined, { section: 'Standing' }, { section: 'A', row: '1' }]) {
    await listed(seller, seat)
    await listed(seller, seat)
  }
  // Without an event, a seat could be anywhere.
  for (let time = 0; time < 2; time++)
    await seller.expect(201, 'POST', '/api/tickets', { title: 'A seat', price: 4500, seat: newSeat() })
})

it('duplicates older than the rule stay for sale, and no further one is listed', async () => {
  const [seller, other, buyer] = [await world.member(), await world.member(), await world.member()]
  const seat = newSeat()
  const sql = world.sql('tickets')
  /** As stored by an older version: without a key, so that the next one does not conflict. */
  const listedBefore = async (by: Client) => {
    const ticket = await listed(by, seat)
    await sql`update tickets set seat_key = null where id = ${ticket.id}`
    return ticket
  }
  const oldest = await listedBefore(seller)
  const later = [await listedBefore(other), await listedBefore(other)]
  await until(
    async () => {
      await world.clock.advance(60_000)
      return sql`select from tickets where seat_key is null`
    },
    ({ length }) => length === 0,
    'every ticket to have its seat looked at',
  )
  refused(await list(buyer, seat))
  await other.expect(200, 'PATCH', `/api/tickets/${later[0]!.id}`, { price: 5000 })
  await seller.expect(204, 'DELETE', `/api/tickets/${oldest.id}`)
  await listed(seller, seat)
  await reserve(buyer, later[1]!.id)
})
