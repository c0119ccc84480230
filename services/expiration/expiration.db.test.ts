// expiration with its own database and an outbox of orders: which windows ring, and that each rings once.

import type { Envelope, Message } from '@aisle/contracts/message'
import { OrderCancelled, OrderCreated, OrderPaymentAccepted, type OrderState } from '@aisle/contracts/messages/orders'
import type { StartOptions } from '@aisle/kit/boot/ground'
import { heardBy } from '@aisle/kit/boot/hears'
import { type Running, start } from '@aisle/kit/boot/start'
import { connect } from '@aisle/kit/db/connect'
import { type Database, openDatabase } from '@aisle/kit/db/database'
import { createLog, type Log } from '@aisle/kit/log'
import { cloneDatabases, type TestDatabases } from '@aisle/kit/testing/databases'
import { type Listener, settled, until } from '@aisle/kit/testing/settled'
import { type TestClock, testClock } from '@aisle/kit/testing/test-clock'
import { newId } from '@aisle/kit/time/ids'
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { expiration } from './service.ts'

const windowMs = 15 * 60_000
const log = createLog('test', process.env.TEST_LOG ?? 'fatal')

let clock: TestClock
let databases: TestDatabases
let sql: Listener['sql']
let orders: Database
let listeners: Listener[]
let running: Running[]
let sentinels: Set<string>

beforeEach(async () => {
  clock = testClock()
  databases = await cloneDatabases(inject('postgres'), ['auth', 'orders', 'expiration'])
  const look = (name: string) => connect(databases.url(name), { max: 2 })
  listeners = [
    { name: 'auth', sql: look('auth'), types: [], publishers: [] },
    { name: 'orders', sql: look('orders'), types: [], publishers: [] },
    { name: 'expiration', sql: look('expiration'), ...heardBy(expiration) },
  ]
  sql = listeners[2]!.sql
  orders = openDatabase({
    url: databases.url('orders'),
    max: 2,
    applicationName: 'orders',
    now: () => clock.now(),
    newId,
    notify: () => {},
  })
  sentinels = new Set()
  running = [await startReplica()]
})
afterEach(async () => {
  for (const replica of running) await replica.stop()
  await orders.close()
  for (const listener of listeners) await listener.sql.end()
  await databases[Symbol.asyncDispose]()
})

const startReplica = (options: StartOptions = { clock, log }) =>
  start(
    expiration,
    {
      DATABASE_URL: databases.url('expiration'),
      OUTBOX_URL_AUTH: databases.url('auth', 'auth_reader'),
      OUTBOX_URL_ORDERS: databases.url('orders', 'orders_reader'),
      SESSION_PUBLIC_KEYS: '{"keys":[]}',
      FINGERPRINT_SECRET: 'a secret that only this test knows',
      RATE_LIMIT: 'off',
    },
    options,
  )

function order(expiresInMs = windowMs): OrderState {
  const now = clock.now().toISOString()
  return {
    id: newId(),
    status: 'created',
    expiresAt: new Date(clock.now().getTime() + expiresInMs).toISOString(),
    ticket: { id: newId(), title: 'One seat', price: 4500, currency: 'eur' },
    version: 1,
    createdAt: now,
    updatedAt: now,
    buyerId: newId(),
    sellerId: newId(),
    ticketVersion: 1,
  }
}

/** Publishes messages of orders in one commit. Resolves once they have taken effect. */
async function hears(...said: [Message<typeof OrderCreated.data>, OrderState][]): Promise<void> {
  await orders.tx(async (tx) => {
    for (const [message, state] of said) tx.emit(message, state.id, state)
  })
  await settled(listeners)
}

async function rings(): Promise<Envelope<{ orderId: string; version: number; expiresAt: string }>[]> {
  const rows = await sql<{ message: Envelope<never> }[]>`select message from outbox order by xid, seq`
  return rows.map(({ message }) => message)
}

/**
 * The orders that have rung after `ms` more. Waits for a sentinel order due last, so every earlier ring has
 * happened by then.
 */
async function rungAfter(ms: number): Promise<string[]> {
  const sentinel = order(ms)
  sentinels.add(sentinel.id)
  await hears([OrderCreated, sentinel])
  clock.advance(ms)
  const all = await until(rings, (said) => said.some(({ subject }) => subject === sentinel.id), 'the sentinel to ring')
  return all.map(({ subject }) => subject).filter((subject) => !sentinels.has(subject))
}

const timerOf = async (id: string) => (await sql`select status, version from timers where order_id = ${id}`)[0]

describe('the window of an order', () => {
  it('rings when it has run out, not before', async () => {
    const unpaid = order()
    await hears([OrderCreated, unpaid])
    expect(await rungAfter(windowMs - 1)).toEqual([])
    clock.advance(1)
    const all = await until(rings, (said) => said.length === 2)
    expect(all.at(-1)).toMatchObject({
      type: 'expiration:complete',
      subject: unpaid.id,
      data: { orderId: unpaid.id, version: 2, expiresAt: unpaid.expiresAt },
    })
  })

  it('that ran out while the service was down rings when it is back [M11]', async () => {
    const unpaid = order()
    await hears([OrderCreated, unpaid])
    await running.pop()?.stop()
    clock.advance(windowMs + 60_000)
    running.push(await startReplica())
    const [ring] = await until(rings, (said) => said.length === 1)
    expect(ring?.subject).toBe(unpaid.id)
  })

  it('has not rung as long as its message could not be written [M3]', async () => {
    const unpaid = order()
    await hears([OrderCreated, unpaid])
    await running.pop()?.stop()
    await sql`revoke insert on outbox from current_user`
    clock.advance(windowMs)
    let failures = 0
    const counting: Log = Object.assign(Object.create(log), { child: () => counting, error: () => failures++ })
    running.push(await startReplica({ clock, log: counting }))
    await until(
      async () => failures,
      (count) => count > 0,
      'a ring to fail',
    )
    expect(await timerOf(unpaid.id)).toMatchObject({ status: 'set' })
    await sql`grant insert on outbox to current_user`
    clock.advance(1_000)
    await until(rings, (said) => said.length === 1)
    expect(await timerOf(unpaid.id)).toMatchObject({ status: 'rung' })
  })

  it('that ran out before the order arrived rings at once', async () => {
    const overdue = order(-60_000)
    await hears([OrderCreated, overdue])
    const [ring] = await until(rings, (said) => said.length === 1)
    expect(ring?.subject).toBe(overdue.id)
  })

  it('that is shorter than the one the service waits for rings in time', async () => {
    const [long, short] = [order(900), order(300)]
    await hears([OrderCreated, long])
    await hears([OrderCreated, short])
    clock.advance(300)
    const [ring] = await until(rings, (said) => said.length === 1)
    expect(ring?.subject).toBe(short.id)
  })

  it('ends by the clock of the database, not by that of the machine', async () => {
    await running.pop()?.stop()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * windowMs })
    onTestFinished(() => void vi.useRealTimers())
    running.push(await startReplica({ log }))
    const [open, over] = [order(), order(-1)]
    await hears([OrderCreated, open], [OrderCreated, over])
    await until(rings, (said) => said.some(({ subject }) => subject === over.id))
    expect(await timerOf(open.id)).toMatchObject({ status: 'set' })
  })

  it.each([
    ['accepted a payment', OrderPaymentAccepted],
    ['is cancelled', OrderCancelled],
  ])('M14 of an order that %s does not ring', async (_, end) => {
    const ended = order()
    await hears([OrderCreated, ended])
    await hears([end, ended])
    expect(await timerOf(ended.id)).toEqual({ status: 'dropped', version: 2 })
    expect(await rungAfter(windowMs + 1)).toEqual([])
  })
})

describe('messages that come twice or in another order', () => {
  it('M14 an order that arrives twice has one timer and rings once', async () => {
    const unpaid = order()
    await hears([OrderCreated, unpaid], [OrderCreated, unpaid])
    await hears([OrderCreated, unpaid])
    expect(await rungAfter(windowMs + 1)).toEqual([unpaid.id])
    await hears([OrderCreated, unpaid])
    expect(await rungAfter(windowMs + 1)).toEqual([unpaid.id])
  })

  it.each([
    ['payment-accepted', OrderPaymentAccepted],
    ['cancelled', OrderCancelled],
  ])('M9 an order whose %s comes before its beginning does not ring', async (_, end) => {
    const ended = order()
    await hears([end, ended], [end, ended])
    await hears([OrderCreated, ended])
    expect(await timerOf(ended.id)).toEqual({ status: 'dropped', version: 1 })
    expect(await rungAfter(windowMs + 1)).toEqual([])
  })

  it('R4 the end of an order whose window has rung changes nothing and announces nothing', async () => {
    const late = order()
    await hears([OrderCreated, late])
    expect(await rungAfter(windowMs + 1)).toEqual([late.id])
    await hears([OrderCancelled, late], [OrderPaymentAccepted, late], [OrderCreated, late])
    expect(await timerOf(late.id)).toEqual({ status: 'rung', version: 2 })
    expect(await rungAfter(windowMs + 1)).toEqual([late.id])
  })
})

describe('many windows at once', () => {
  it('ring once each, though two replicas ring them', async () => {
    running.push(await startReplica())
    const many = Array.from({ length: 1_000 }, (_, i) => order(windowMs + (i % 50)))
    await hears(...many.map((one): [typeof OrderCreated, OrderState] => [OrderCreated, one]))
    clock.advance(windowMs + 50)
    await until(rings, (said) => said.length >= many.length)
    await rungAfter(1_000)
    const rung = (await rings()).map(({ subject }) => subject).filter((subject) => !sentinels.has(subject))
    expect(rung.toSorted()).toEqual(many.map(({ id }) => id).toSorted())
  })

  it('are found by timers_due and forgotten by timers_finished', async () => {
    await sql`
      insert into timers (order_id, version, due_at, status, changed_at)
      select uuidv7(), 1, now() + i * interval '1 second', (array['set', 'rung', 'dropped'])[1 + i % 3],
        now() + i * interval '1 second'
      from generate_series(1, 30000) i`
    await sql`analyze timers`
    const plan = async (query: ReturnType<typeof sql>) =>
      (await sql`explain ${query}`).map((row) => row['QUERY PLAN']).join('\n')
    expect(await plan(sql`select min(due_at) as due_at from timers where status = 'set'`)).toContain('timers_due')
    expect(
      await plan(
        sql`select order_id from timers where status = 'set' and due_at <= now() order by due_at limit 200
          for update skip locked`,
      ),
    ).toContain('timers_due')
    expect(
      await plan(
        sql`select order_id from timers where status <> 'set' and changed_at < now() order by changed_at limit 1000`,
      ),
    ).toContain('timers_finished')
  })
})

describe('a finished timer', () => {
  it('is kept for as long as a message about its order can be late, then forgotten', async () => {
    const day = 24 * 60 * 60_000
    const [unpaid, ended, pending] = [order(), order(), order(30 * day)]
    await hears([OrderCreated, unpaid], [OrderCreated, ended], [OrderCancelled, ended], [OrderCreated, pending])
    expect(await rungAfter(windowMs + 1)).toEqual([unpaid.id])
    clock.advance(7 * day)
    expect(await timerOf(ended.id)).toBeDefined()
    clock.advance(day)
    const left = await until(
      () => {
        clock.advance(10 * 60_000)
        return sql`select order_id from timers`
      },
      (rows) => rows.length === 1,
      'the finished timers to be forgotten',
    )
    expect(left).toEqual([{ orderId: pending.id }])
  })
})
