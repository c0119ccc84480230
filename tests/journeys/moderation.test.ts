// What an admin ends individually: a listing, and an unpaid order. Only the owner can read why.

import type { AuditEntry, Event, Order, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import { buy, listTicket, openWorld, orderIn, payable, refusalOf, reserve, ticketIn, type World } from '../world.ts'

let world: World
let admin: Client
beforeAll(async () => {
  world = await openWorld()
  admin = await world.admin()
})
afterAll(() => closeWorld(world))

const reason = 'This is not a ticket.'
const takeDown = (id: string, why = reason) =>
  admin.send('POST', `/api/admin/tickets/${id}/withdrawal`, { reason: why })
const cancel = (id: string, why = reason) => admin.send('POST', `/api/admin/orders/${id}/cancellation`, { reason: why })
const read = (client: Client, id: string) => client.expect<Ticket>(200, 'GET', `/api/tickets/${id}`)
const entries = (service: string, action: string, subject: string) =>
  admin
    .expect<AuditEntry[]>(200, 'GET', `/api/admin/audit/${service}?action=${action}`)
    .then((found) => found.filter((entry) => entry.subject === subject))

describe('a ticket that an admin takes down', () => {
  it('is off sale for good; only its seller and admins read why', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    expect((await takeDown(ticket.id)).status).toBe(204)
    expect((await takeDown(ticket.id, 'Another reason.')).status).toBe(204)
    expect(await read(seller, ticket.id)).toMatchObject({ status: 'withdrawn', takedownReason: reason, version: 2 })
    expect(await read(admin, ticket.id)).toMatchObject({ takedownReason: reason })
    for (const other of [buyer, world.visitor()])
      expect(await read(other, ticket.id)).not.toHaveProperty('takedownReason')
    const [own] = await seller.expect<Ticket[]>(200, 'GET', '/api/tickets/mine')
    expect(own).toMatchObject({ id: ticket.id, takedownReason: reason })
    await world.settled()
    expect(refusalOf(await buyer.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([
      409,
      'ticket-withdrawn',
    ])
    const said = await world.sql('tickets')`select message::text from outbox where message ->> 'subject' = ${ticket.id}`
    expect(said.map(({ message }) => message).join()).not.toContain(reason)
    expect(await entries('tickets', 'ticket-takedown', ticket.id)).toMatchObject([{ outcome: 'done', times: 1 }])
  })

  it('while it is reserved, is withdrawn when its order ends unpaid', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    expect((await takeDown(ticket.id)).status).toBe(204)
    expect(await read(seller, ticket.id)).toMatchObject({ status: 'reserved', takedownReason: reason })
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await ticketIn(buyer, ticket.id, 'withdrawn')
  })

  it('must not be sold yet, and a reason is required', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { ticket } = await buy(world, seller, buyer)
    expect(refusalOf(await takeDown(ticket.id))).toEqual([409, 'ticket-sold'])
    const listed = await listTicket(seller)
    for (const why of ['', ' ', 'x'.repeat(501)]) {
      const { status, body } = await takeDown(listed.id, why)
      expect([status, body]).toMatchObject([400, { code: 'invalid', errors: [{ field: 'reason' }] }])
    }
    expect(refusalOf(await takeDown('01900000-0000-7000-8000-000000000000'))).toEqual([404, 'not-found'])
    for (const path of [`/api/admin/tickets/${listed.id}/withdrawal`, `/api/admin/orders/${listed.id}/cancellation`])
      expect(refusalOf(await seller.send('POST', path, { reason }))).toEqual([403, 'admins-only'])
    expect((await read(seller, listed.id)).status).toBe('listed')
  })
})

describe('an order that an admin cancels', () => {
  it('costs nothing, tells its buyer why, and its ticket is for sale again', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    await buyer.expect(201, 'POST', '/api/payments', { orderId: order.id })
    expect((await cancel(order.id)).status).toBe(204)
    expect((await cancel(order.id, 'Another reason.')).status).toBe(204)
    expect(await orderIn(buyer, order.id, 'cancelled')).toMatchObject({ reason: 'admin', note: reason })
    await ticketIn(seller, ticket.id, 'listed')
    const said = await world.sql('orders')`select message::text from outbox where message ->> 'subject' = ${order.id}`
    expect(said.map(({ message }) => message).join()).not.toContain(reason)
    const { order: record } = await admin.expect<{ order: Order }>(200, 'GET', `/api/admin/orders/${order.id}`)
    expect(record).toMatchObject({ reason: 'admin', note: reason })
    expect(await entries('orders', 'order-cancellation', order.id)).toMatchObject([{ outcome: 'done', times: 1 }])
    await until(
      () => providerSide(world, order.id),
      ({ captured }) => captured === 0,
      'nothing to be charged',
    )
  })

  it('must not be paid yet', async () => {
    const { order } = await buy(world, await world.member(), await world.member())
    expect(refusalOf(await cancel(order.id))).toEqual([409, 'order-not-cancellable'])
  })
})

it('an event is in the programme while it has a ticket for sale', async () => {
  const seller = await world.member()
  const name = 'The Evening of Nothing'
  const ticket = await listTicket(seller, { event: { name, venue: 'Nowhere', startsAt: '2099-12-02T19:00:00Z' } })
  const found = () => seller.expect<Event[]>(200, 'GET', `/api/events?q=${encodeURIComponent(name)}`)
  expect(await found()).toMatchObject([{ id: ticket.event!.id, listed: 1 }])
  await takeDown(ticket.id)
  expect(await found()).toEqual([])
  expect(await seller.expect(200, 'GET', `/api/events/${ticket.event!.id}`)).toMatchObject({ listed: 0 })
})
