// The metrics after people's actions: the numbers behind the dashboard and the alerts.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { until } from '@aisle/kit/testing/settled'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import { gauge, metric, scrape } from '../scrape.ts'
import { buy, listTicket, openWorld, orderInTime, payable, reserve, type World, worldServices } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ ORDER_WINDOW_SECONDS: 60 })
})
afterAll(() => closeWorld(world))

const said = async (service: ServiceName, type: string, reason = '') =>
  (await metric(world, service, 'messages_emitted_total', { type, reason })) ?? 0

describe('what people do', () => {
  it('is counted once it is committed: a reservation, a sale, a refund', async () => {
    const count = async () => [
      await said('orders', 'order:created'),
      await said('orders', 'order:completed'),
      await said('payments', 'payment:created'),
      await said('payments', 'payment:refunded'),
    ]
    const before = await count()
    const [seller, buyer] = [await world.member(), await world.member()]
    const { payment } = await buy(world, seller, buyer)
    await seller.expect(201, 'POST', `/api/payments/${payment.id}/refunds`, {})
    await world.settled()
    expect(await count()).toEqual(before.map((value) => value + 1))
  })

  it('is not counted when it is refused; the refusal is, by its code', async () => {
    const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await reserve(buyer, ticket.id)
    const refused = () => metric(world, 'orders', 'refusals_total', { code: 'ticket-taken', route: '/api/orders' })
    const [reserved, before] = [await said('orders', 'order:created'), (await refused()) ?? 0]
    expect((await other.send('POST', '/api/orders', { ticketId: ticket.id })).status).toBe(409)
    expect([await said('orders', 'order:created'), await refused()]).toEqual([reserved, before + 1])
  })

  it('is distinguished by its reason: a window that ran out, and a buyer who cancelled', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const count = async () => [
      await said('orders', 'order:cancelled', 'expired'),
      await said('orders', 'order:cancelled', 'buyer'),
      await said('payments', 'payment:voided'),
    ]
    // Orders left open by other tests run out first.
    await world.clock.advance(61_000)
    await world.settled()
    const before = await count()
    const [first, second] = [await listTicket(seller), await listTicket(seller)]
    const cancelled = await reserve(buyer, second.id)
    await payable(world, cancelled.id)
    await buyer.expect(201, 'POST', '/api/payments', { orderId: cancelled.id })
    await buyer.expect(204, 'DELETE', `/api/orders/${cancelled.id}`)
    const order = await reserve(buyer, first.id)
    await world.settled()
    await world.clock.advance(61_000)
    await orderInTime(world, buyer, order.id, 'cancelled')
    await world.settled()
    expect(await count()).toEqual(before.map((value) => value + 1))
  })
})

describe('a ticket that was sold twice', () => {
  it('shows up although the index that forbids it is gone', async () => {
    expect(await gauge(world, 'orders', 'tickets_sold_twice')).toBe(0)
    const sql = world.sql('orders')
    const [seller, buyer] = [await world.member(), await world.member()]
    // A sold one: a reservation would run out meanwhile.
    const { order } = await buy(world, seller, buyer)
    await world.settled()
    const columns = sql`version, status, payment_id, buyer_id, seller_id, ticket_id, ticket_version, title, price,
      currency, expires_at, created_at, updated_at`
    await sql`drop index orders_one_live_per_ticket`
    const [twin] = await sql<{ id: string }[]>`
      insert into orders (id, ${columns}) select uuidv7(), ${columns} from orders where id = ${order.id} returning id`
    // The search runs once a minute.
    expect(await gauge(world, 'orders', 'tickets_sold_twice')).toBe(0)
    await world.clock.advance(60_000)
    expect(await gauge(world, 'orders', 'tickets_sold_twice')).toBe(1)
    await sql`delete from orders where id = ${twin!.id}`
    await sql`create unique index orders_one_live_per_ticket on orders (ticket_id) where status <> 'cancelled'`
    await world.clock.advance(60_000)
    expect(await gauge(world, 'orders', 'tickets_sold_twice')).toBe(0)
  })
})

describe('a service at rest', () => {
  it.each(worldServices)('%s is ready, has no backlog, and no dead letters', async (name) => {
    expect(await gauge(world, name, 'service_ready')).toBe(1)
    await until(
      async () =>
        (await scrape(world, name))
          .flatMap((text) => text.split('\n'))
          .filter((line) => line.startsWith('consumer_lag_messages{')),
      (lines) => lines.every((line) => line.endsWith(' 0')),
      `${name} has caught up`,
    )
    expect(await gauge(world, name, 'messages_set_aside', { state: 'parked' })).toBe(0)
  })
})

describe('a service that cannot read its database', () => {
  it('still reports what it knows, and nothing that it does not know', async () => {
    const sql = world.sql('auth')
    expect(await gauge(world, 'auth', 'outbox_rows')).toBeDefined()
    await sql`alter table outbox rename to elsewhere`
    try {
      expect(await metric(world, 'auth', 'outbox_rows')).toBeUndefined()
      expect(await said('auth', 'user:created')).toBeGreaterThan(0)
    } finally {
      await sql`alter table elsewhere rename to outbox`
    }
  })

  it('does not wait for it either, nor ask again while it waits', async () => {
    const sql = world.sql('auth')
    const replicas = world.stack.origins('auth').length
    const waiting = () =>
      sql`select from pg_locks where relation = 'parked_messages'::regclass and not granted`.then(({ count }) => count)
    const held = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const holding = sql.begin(async (tx) => {
      await tx`lock table parked_messages`
      locked.resolve()
      await held.promise
    })
    await locked.promise
    await until(waiting, (count) => count === replicas, 'the job that tries messages again to wait, too')
    try {
      expect(await said('auth', 'user:created')).toBeGreaterThan(0)
      expect(await metric(world, 'auth', 'messages_set_aside', { state: 'parked' })).toBeUndefined()
      expect(await waiting()).toBe(2 * replicas)
    } finally {
      held.resolve()
      await holding
    }
    expect(await gauge(world, 'auth', 'messages_set_aside', { state: 'parked' })).toBe(0)
  })
})

describe('a transaction left open in another database of the server', () => {
  it('is named by the gauge of a service whose messages it holds back', async () => {
    const server = inject('postgres')
    const url = `postgres://postgres:${server.passwords.postgres}@${server.host}:${server.port}/postgres`
    const psql = postgres(url, { max: 1, connection: { application_name: 'a forgotten psql' } })
    try {
      await psql.begin(async (sql) => {
        const [own] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid, pg_current_xact_id()`
        await listTicket(await world.member())
        const held = await until(
          async () => (await scrape(world, 'tickets'))[0]?.match(/^outbox_held_back_seconds{.*}.*$/m)?.[0] ?? '',
          (line) => line.includes(`pid="${own!.pid}"`),
          'the gauge to name the process',
        )
        expect(held).toContain('database="postgres"')
        expect(held).toContain('role="postgres"')
        expect(held).toContain('application="a forgotten psql"')
      })
      const [setting] = await psql<
        { limit: string }[]
      >`select current_setting('idle_in_transaction_session_timeout') as limit`
      expect(setting?.limit).toBe('1min')
    } finally {
      await psql.end()
    }
    await until(
      async () => (await scrape(world, 'tickets'))[0]?.match(/^outbox_held_back_seconds{.*}.*$/m)?.[0] ?? '',
      (line) => line.endsWith(' 0'),
      'nothing to be held back',
    )
  })
})
