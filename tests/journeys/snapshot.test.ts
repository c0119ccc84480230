// A service with a new or lost database lacks all messages older than the retention of outboxes. The others
// publish snapshots.

import { services } from '@aisle/dev/stack'
import { saySnapshot } from '@aisle/kit/bus/snapshot'
import { openDatabase } from '@aisle/kit/db/database'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import { buy, listTicket, openWorld, orderIn, reserve, ticketIn, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

/** Everything that services know of each other, and everything that they have done. */
async function everything() {
  const read = async (service: 'tickets' | 'orders' | 'payments' | 'expiration', table: string) =>
    world.sql(service).unsafe(`select * from ${table} order by 1, 2`)
  return {
    sellers: await read('tickets', 'users'),
    people: await read('orders', 'users'),
    tickets: await read('tickets', 'tickets'),
    mirror: await read('orders', 'tickets'),
    orders: await read('orders', 'orders'),
    bought: await world.sql('payments')`
      select id, version, status, buyer_id, seller_id, price, payment_id, expires_at from orders order by id`,
    payments: await read('payments', 'payments'),
    ledger: await read('payments', 'ledger'),
    calls: await world.sql('payments')`select * from work order by key`,
    running: await world.sql('expiration')`select order_id, due_at from timers where status = 'set' order by order_id`,
  }
}

async function sayAll() {
  for (const { name, snapshot } of services) {
    if (!snapshot) continue
    const around = { now: () => world.clock.now(), newId, notify: () => {} }
    const db = openDatabase({ url: world.databaseUrl(name), max: 1, applicationName: 'snapshot', ...around })
    await saySnapshot(db, snapshot)
    await db.close()
  }
  await world.settled()
}

it('services that have lost the ended sessions refuse them again', async () => {
  const member = await world.member()
  const { cookie } = member
  await member.expect(200, 'POST', '/api/users/signout')
  await world.settled()
  const known = async () => (await world.sql('orders')`select until from ended_sessions`).length
  const before = await known()
  await world.sql('orders')`truncate ended_sessions`
  await sayAll()
  expect([before > 0, await known()]).toEqual([true, before])
  const copy = Object.assign(world.visitor(), { cookie })
  expect((await copy.send('GET', '/api/orders')).status).toBe(401)
})

it('mirrors that have lost everything are restored, and nothing else happens', async () => {
  const [seller, buyer] = [await world.member('Sue'), await world.member('Ben')]
  const { payment } = await buy(world, seller, buyer)
  const { payment: refunded, order: givenBack } = await buy(world, seller, buyer)
  await seller.expect(201, 'POST', `/api/payments/${refunded.id}/refunds`, {})
  await orderIn(buyer, givenBack.id, 'refunded')
  const cancelled = await reserve(buyer, (await listTicket(seller)).id)
  await buyer.expect(204, 'DELETE', `/api/orders/${cancelled.id}`)
  await reserve(buyer, (await listTicket(seller)).id)
  const crook = await world.member('Carl')
  const admin = await world.admin()
  const taken = await listTicket(crook)
  await admin.expect(204, 'POST', `/api/users/${crook.user.id}/ban`, { reason: 'a test' })
  await ticketIn(seller, taken.id, 'withdrawn')
  const withdrawn = await listTicket(seller)
  await seller.expect(204, 'DELETE', `/api/tickets/${withdrawn.id}`)
  await world.settled()
  const before = await everything()
  expect([before.bought.length, before.running.length]).toEqual([4, 1])

  await world.sql('tickets')`update users set version = 0, name = '', banned = false, banned_version = 0`
  await world.sql('orders')`delete from users`
  await world.sql('orders')`delete from tickets`
  await world.sql('payments')`update orders set version = 0, status = 'created', payment_id = null`
  await world.sql('expiration')`delete from timers`
  await sayAll()
  expect(await everything()).toEqual(before)
  // And again, when everyone already knows it.
  await sayAll()
  expect(await everything()).toEqual(before)
  await until(
    () => buyer.expect<{ status: string }>(200, 'GET', `/api/payments/${payment.id}`),
    ({ status }) => status === 'captured',
    'the payment to be as it was',
  )
})
