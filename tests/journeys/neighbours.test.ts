// One client uses its whole rate limit. The others are served meanwhile.

import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listTicket, openWorld, reserve, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ RATE_LIMIT: '1200', SIGN_UPS_PER_HOUR: 1_000 })
})
afterAll(() => world?.[Symbol.asyncDispose]())

describe('while one client sends hundreds of requests at once', () => {
  it('for things that do not exist yet, another buyer reserves a ticket', async () => {
    const [flooder, seller, buyer] = await Promise.all([world.member(), world.member(), world.member()])
    const ticket = await listTicket(seller)
    let answered = 0
    // A newly created id may belong to a ticket whose message is on its way, so each of these requests waits.
    const asked = 300
    const flood = Promise.allSettled(
      Array.from({ length: asked }, async () => {
        await flooder.send('POST', '/api/orders', { ticketId: newId() })
        answered++
      }),
    )
    await reserve(buyer, ticket.id)
    expect(answered).toBeLessThan(asked / 2)
    await world.stack.stopService('orders')
    await flood
    await world.stack.startService('orders')
  })

  it('that all wait for one row, another buyer reserves a ticket', async () => {
    const [flooder, seller, buyer] = await Promise.all([world.member(), world.member(), world.member()])
    const [theirs, ticket] = await Promise.all([listTicket(seller), listTicket(seller)])
    const order = await reserve(flooder, theirs.id)
    await world.settled()
    const sql = world.sql('orders')
    const waiting = () => sql`select from pg_locks where locktype in ('transactionid', 'tuple') and not granted`
    let flood: Promise<unknown>[] = []
    await sql.begin(async (holder) => {
      await holder`select from orders where id = ${order.id} for update`
      flood = Array.from({ length: 100 }, () => flooder.send('DELETE', `/api/orders/${order.id}`))
      await until(waiting, (locks) => locks.length > 0, 'requests to wait for the row')
      // Its messages wait for the open transaction; the reservation itself does not.
      await buyer.expect(201, 'POST', '/api/orders', { ticketId: ticket.id })
    })
    await Promise.all(flood)
  })
})

it('a client that never stops sending gets a response to each request', async () => {
  const [seller, buyer] = await Promise.all([world.member(), world.member()])
  const { id } = await listTicket(seller)
  const replies = await Promise.all(
    Array.from({ length: 200 }, () => buyer.send('GET', `/api/tickets/${id}`).then(({ status }) => status)),
  )
  expect(new Set(replies)).toEqual(new Set([200]))
})

it('a crowd that asks for unknown tickets holds no connection while it waits', async () => {
  // Requests do not take turns here, and there are two connections: if requests held one while waiting, the
  // crowd would need two minutes.
  await using small = await openWorld({ DATABASE_POOL: 2 })
  const [crowd, seller, buyer] = await Promise.all([small.member(), small.member(), small.member()])
  const ticket = await listTicket(seller)
  let isReserved = false
  const flood = Array.from({ length: 200 }, async () => {
    while (!isReserved) await crowd.send('POST', '/api/orders', { ticketId: newId() })
  })
  const reserved = reserve(buyer, ticket.id)
  void reserved.then(() => {
    isReserved = true
  })
  await until(
    async () => isReserved,
    (is) => is,
    'the buyer to reserve',
  )
  await Promise.all([reserved, ...flood])
})
