// Messages between the services: none is lost, none is applied twice, and one that cannot be handled does not
// block others.

import { once } from 'node:events'
import { connect } from 'node:net'
import type { Order, Payment } from '@aisle/contracts/entities'
import { compareMirrors } from '@aisle/dev/compare-mirrors'
import { freePort } from '@aisle/dev/free-port'
import { services } from '@aisle/dev/stack'
import { start } from '@aisle/kit/boot/start'
import { listFailedMessages, replayMessages } from '@aisle/kit/bus/failed-messages'
import { createLog } from '@aisle/kit/log'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeWorld, wrongInMessages } from '../invariants.ts'
import {
  buy,
  holdAtProvider,
  listTicket,
  openWorld,
  orderIn,
  pay,
  payable,
  reserve,
  ticketIn,
  type World,
} from '../world.ts'

let world: World
/** Messages that this file has made unreadable. They cannot be fixed, so they stay dead letters. */
const unreadable: string[] = []
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world, { parked: unreadable }))

/** Waits until a message that keeps failing is a dead letter, without waiting for its backoff. */
const parked = (service: 'orders' | 'tickets', subject: string) =>
  until(
    async () => {
      await world.sql(
        service,
      )`update parked_messages set next_try_at = now() where state = 'retrying' and next_try_at > now()`
      return (await listFailedMessages(world.sql(service))).filter(({ message }) => message?.subject === subject)
    },
    (messages) => messages[0]?.state === 'parked',
    'the message to be parked',
  )

describe('a service that was down', () => {
  it('receives what happened meanwhile: the ticket is held as soon as it is back [M1]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await world.settled()
    await world.stack.stopService('tickets')
    const order = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId: ticket.id })
    expect(order.status).toBe('created')
    await world.stack.startService('tickets')
    await orderIn(buyer, order.id, 'awaiting:payment')
    await ticketIn(buyer, ticket.id, 'reserved')
  })

  it('finishes what was paid meanwhile: the money is captured and the ticket sold once all are back [M1]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    await world.stack.stopService('orders')
    const payment = await pay(buyer, order.id)
    expect(payment.status).toBe('authorized')
    await world.stack.stopService('payments')
    await world.stack.stopService('tickets')
    await world.stack.startService('orders')
    await orderIn(buyer, order.id, 'paying')
    await world.stack.startService('payments')
    await orderIn(buyer, order.id, 'complete')
    await world.stack.startService('tickets')
    await ticketIn(buyer, ticket.id, 'sold')
  })

  it('does not hold a ticket for an order whose end arrives first [M9]', async () => {
    const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await world.settled()
    await world.stack.stopService('tickets')
    const order = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId: ticket.id })
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    // The first message fails for a while, so the second overtakes it.
    const tickets = world.sql('tickets')
    await tickets.unsafe(`alter table tickets add constraint late check (order_id <> '${order.id}')`)
    await world.stack.startService('tickets')
    await until(
      () => tickets`select 1 from ended_orders where order_id = ${order.id}`,
      (ended) => ended.length === 1,
      'the end of the order to be heard',
    )
    await tickets`alter table tickets drop constraint late`
    await world.settled()
    await ticketIn(other, ticket.id, 'listed')
    await reserve(other, ticket.id)
  })
})

it('a service stops at once, even with silent connections', async () => {
  const { hostname, port } = new URL(world.stack.origins('expiration')[0]!)
  const silent = connect({ host: hostname, port: Number(port) })
  await once(silent, 'connect')
  const closed = once(silent, 'close')
  await world.stack.stopService('expiration')
  await closed
  await world.stack.startService('expiration')
})

describe('a message', () => {
  it('whose reaction fails is retried, then becomes a dead letter without blocking others; replayed once fixed, it takes effect [M4]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const orders = world.sql('orders')
    await orders`alter table tickets add constraint poison check (title <> 'Poison') not valid`
    const poison = await listTicket(seller, { title: 'Poison' })
    // Others, listed later, are sold meanwhile.
    await buy(world, seller, buyer)
    const [message] = await parked('orders', poison.id)
    expect(message).toMatchObject({ publisher: 'tickets', tries: 8, message: { type: 'ticket:created' } })
    expect(message!.error).toContain('poison')
    await buy(world, seller, buyer)
    await world.settled()
    expect(await compareMirrors(world.sql)).toEqual([`orders does not know ticket ${poison.id} of tickets`])

    await orders`alter table tickets drop constraint poison`
    expect(await replayMessages(orders, 'all')).toBe(1)
    await world.settled()
    expect(await listFailedMessages(orders)).toEqual([])
    expect(await compareMirrors(world.sql)).toEqual([])
    await orderIn(buyer, (await reserve(buyer, poison.id)).id, 'awaiting:payment')
  })

  it.each([
    ['data that is not as declared', { data: { id: 'nonsense' } }, 'the data of ticket:updated is not as declared'],
    ['an envelope that is not as declared', { specversion: '0.3' }, 'the envelope is not as declared'],
  ])(
    'with %s becomes a dead letter at once with its reason, without blocking others [M15]',
    async (_, wrong, reason) => {
      const [seller, buyer] = [await world.member(), await world.member()]
      const ticket = await listTicket(seller)
      await world.settled()
      const [good] = await world.sql('tickets')<{ message: Record<string, unknown> }[]>`
      select message from outbox where message ->> 'subject' = ${ticket.id}`
      const bad = { ...good!.message, id: crypto.randomUUID(), type: 'ticket:updated', ...wrong }
      unreadable.push(bad.id)
      await world.sql('tickets')`insert into outbox (message) values (${JSON.stringify(bad)}::text::json)`
      await buy(world, seller, buyer)
      await world.settled()
      const found = (await listFailedMessages(world.sql('orders'))).find(({ messageId }) => messageId === bad.id)
      expect(found).toMatchObject({
        state: 'parked',
        tries: 1,
        publisher: 'tickets',
        error: expect.stringContaining(reason),
      })
      expect(await compareMirrors(world.sql)).toEqual([])
      await world.sql('tickets')`delete from outbox where message ->> 'id' = ${bad.id}`
    },
  )

  it('that is not JSON of ours at all becomes a dead letter as well [M15]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    // The services that hear of tickets.
    const listeners = ['orders', 'notices'] as const
    const before = (await Promise.all(listeners.map((name) => listFailedMessages(world.sql(name))))).flat()
    await world.sql(
      'tickets',
    )`insert into outbox (message) values ('["not", "a", "message"]'::json), ('null'::json), ('7'::json)`
    await buy(world, seller, buyer)
    await world.settled()
    const known = before.map(({ messageId }) => messageId)
    for (const name of listeners) {
      const sql = world.sql(name)
      const found = (await listFailedMessages(sql)).filter(({ messageId }) => !known.includes(messageId))
      expect(found.map(({ state }) => state)).toEqual(['parked', 'parked', 'parked'])
      // A message without a type cannot be replayed.
      await sql`delete from parked_messages where message_id = any(${found.map((f) => f.messageId)}::uuid[])`
    }
    await world.sql('tickets')`delete from outbox where json_typeof(message) <> 'object'`
  })

  it('that was lost, and arrives at last, leaves newer data as it is [M5] [M9]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller, { price: 1000 })
    await world.settled()
    await world.stack.stopService('orders')
    await seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 2000 })
    await seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 3000 })
    const tickets = world.sql('tickets')
    const [lost] = await tickets<{ message: object }[]>`
      delete from outbox where message ->> 'subject' = ${ticket.id} and message #>> '{data,version}' = '2'
      returning message`
    await world.stack.startService('orders')
    await world.settled()
    expect(await compareMirrors(world.sql)).toEqual([])
    await tickets`insert into outbox (message) values (${JSON.stringify(lost!.message)}::text::json)`
    await world.settled()
    expect(await compareMirrors(world.sql)).toEqual([])
    expect((await reserve(buyer, ticket.id)).ticket.price).toBe(3000)
  })

  it('is published once for every change, with the version of that change [R7]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { ticket, order } = await buy(world, seller, buyer)
    await world.settled()
    const said = async (service: 'tickets' | 'orders', subject: string) =>
      (
        await world.sql(service)<{ what: string }[]>`
          select (message ->> 'type') || ' ' || (message #>> '{data,version}') as what from outbox
          where message ->> 'subject' = ${subject} order by xid, seq`
      ).map(({ what }) => what)
    expect(await said('tickets', ticket.id)).toEqual(['ticket:created 1', 'ticket:reserved 2', 'ticket:sold 3'])
    expect(await said('orders', order.id)).toEqual([
      'order:created 1',
      'order:reserved 2',
      'order:payment-accepted 3',
      'order:completed 4',
    ])
    expect(await wrongInMessages(world)).toEqual([])
  })

  it('that is delivered again has no second effect, whatever its position [M6] [M7] [M8]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { ticket, order } = await buy(world, seller, buyer)
    await buyer.expect(204, 'DELETE', `/api/orders/${(await reserve(buyer, (await listTicket(seller)).id)).id}`)
    await world.settled()
    const messages = () =>
      Promise.all(
        services.map(
          async ({ name }) => (await world.sql(name)`select distinct message ->> 'id' as id from outbox`).length,
        ),
      )
    const before = await messages()
    for (const { name } of services)
      await world.sql(name)`insert into outbox (message) select message from outbox order by random()`
    await world.settled()
    expect(await messages()).toEqual(before)
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
    expect(await compareMirrors(world.sql)).toEqual([])
  })
})

describe('a service', () => {
  const dead = 'postgres://nobody:nothing@127.0.0.1:1/nowhere'
  it.each([
    ['its database', { DATABASE_URL: dead }],
    ['the outbox of another service', { OUTBOX_URL_ORDERS: dead }],
  ])('that cannot reach %s does not start and does not listen [M12]', async (_, unreachable) => {
    const port = await freePort()
    const tickets = services.find(({ name }) => name === 'tickets')!
    const values = {
      PORT: port,
      DATABASE_URL: world.databaseUrl('tickets'),
      OUTBOX_URL_AUTH: world.databaseUrl('auth', 'auth_reader'),
      OUTBOX_URL_ORDERS: world.databaseUrl('orders', 'orders_reader'),
      SESSION_PUBLIC_KEYS: world.keys.sessionPublicKeys,
      FINGERPRINT_SECRET: world.keys.fingerprintSecret,
      ...unreachable,
    }
    await expect(start(tickets, values, { log: createLog('test', 'silent') })).rejects.toThrow()
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow()
  })

  it('that is asked to stop first finishes the responses it has started [M13]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await payable(world, order.id)
    const { reached, release } = await holdAtProvider(world, 'payment_intents.create')
    const paying = buyer.send<Payment>('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
    await reached()
    const stopped = world.stack.stopService('payments')
    await release()
    // Connections that the front door keeps alive do not delay it, or it would take longer than this test may.
    await stopped
    const reply = await paying
    expect([reply.status, reply.body.status]).toEqual([201, 'authorized'])
    await world.stack.startService('payments')
    await orderIn(buyer, order.id, 'complete')
  })
})
