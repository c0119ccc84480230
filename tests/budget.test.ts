// The budget of a sale: what one costs in statements, transactions, messages and requests. Nothing is timed. One buyer
// alone pays with a card's token, so that nothing is shared with other sales. docs/performance.md has the table.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Order, User } from '@aisle/contracts/entities'
import { ensureDatabases } from '@aisle/dev/databases'
import { makeKeys } from '@aisle/dev/keys'
import { startPostgres } from '@aisle/dev/postgres'
import { type Stack, services, startStack } from '@aisle/dev/stack'
import { heardBy } from '@aisle/kit/boot/hears'
import { connect } from '@aisle/kit/db/connect'
import { createLog } from '@aisle/kit/log'
import { settled, until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Client } from './client.ts'
import { readText } from './infra-files.ts'
import { listTicket } from './world.ts'

const sales = 10

/** At most this much a sale; the same numbers are in docs/performance.md. */
const budget = {
  'write transactions': 21,
  notifications: 8,
  statements: 68,
  'messages emitted': 8,
  'messages consumed': 12,
  'calls to the provider': 2.2,
  'webhooks received': 1,
  'requests served': 3,
}
type Count = Record<keyof typeof budget, number>

/** What notices adds, a service that sells nothing. */
const budgetOfTelling: Count = {
  'write transactions': 8,
  notifications: 2,
  statements: 28,
  'messages emitted': 3,
  'messages consumed': 3,
  'calls to the provider': 0,
  'webhooks received': 0,
  'requests served': 0,
}
const running = new Set(services.map(({ name }) => name))

let dataDir: string
let pg: Awaited<ReturnType<typeof startPostgres>>
let stack: Stack
const closers: (() => Promise<unknown>)[] = []
const sqlOf = new Map<string, ReturnType<typeof connect>>()

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aisle-budget-'))
  closers.push(() => rm(dataDir, { recursive: true, force: true }))
  pg = await startPostgres({
    dataDir,
    settings: {
      fsync: 'off',
      shared_preload_libraries: 'pg_stat_statements',
      // Its workers take transaction ids as well.
      autovacuum: 'off',
    },
  })
  closers.push(() => pg.stop())
  await ensureDatabases(
    pg,
    services.map(({ name }) => name),
  )
  const databaseUrl = (service: string, role: string = service) => pg.url(service, role)
  stack = await startStack({
    port: 0,
    databaseUrl,
    keys: makeKeys(),
    sandboxDir: ':memory:',
    config: {
      RATE_LIMIT: 'off',
      UNCONFIRMED_ADDRESSES: 'free',
      ADMIN_SECOND_FACTOR: 'off',
      PROVIDER_CALLS_PER_SECOND: 10_000,
      MAX_TICKETS_PER_EVENT: 1_000,
      LOG_LEVEL: 'fatal',
    },
    log: createLog('test', 'fatal'),
  })
  closers.push(() => stack.stop())
  // As the superuser, whose statements are not counted.
  for (const { name } of services) sqlOf.set(name, connect(databaseUrl(name, 'postgres'), { max: 1 }))
  sqlOf.set('postgres', connect(pg.url('postgres', 'postgres'), { max: 1 }))
  closers.push(() => Promise.all([...sqlOf.values()].map((sql) => sql.end())))
  await sqlOf.get('postgres')!`create extension pg_stat_statements`
})
afterAll(async () => {
  for (const close of closers.toReversed()) await close()
})

const isQuiet = () =>
  settled(
    services.map((service) => ({
      name: service.name,
      sql: sqlOf.get(service.name)!,
      ...(running.has(service.name) ? heardBy(service) : { types: [], publishers: [] }),
    })),
    async () => {
      const open = [...running].map((name) => sqlOf.get(name)!`select from work where status = 'pending'`)
      return (await Promise.all(open)).flat().length === 0
    },
  )

/** Everything so far. Statements that run while nothing happens are polls, and are left out. */
async function count(polls: ReadonlySet<string>): Promise<Count> {
  const sql = sqlOf.get('postgres')!
  const rows = await sql<{ id: string; query: string; calls: number }[]>`
    select queryid::text as id, query, calls::int as calls from pg_stat_statements
    where userid <> 'postgres'::regrole`
  const [xid] = await sql<{ next: number }[]>`select pg_snapshot_xmax(pg_current_snapshot())::text::int as next`
  const counted = rows.filter(({ id, query }) => !polls.has(id) && !/^(begin|commit|rollback)$/i.test(query))
  const sum = (of: { calls: number }[]) => of.reduce((total, { calls }) => total + calls, 0)
  const metrics = await scrapeAll()
  const total = (name: string) => sumOf(metrics.join('\n'), name)
  // A transaction that notifies takes a transaction id too, but it writes nothing and waits for no flush.
  const isNotification = ({ query }: { query: string }) => query.includes('pg_notify')
  const notifications = sum(rows.filter(isNotification))
  // What listeners write every ten seconds depends on how long the sales take, and not on how many there are.
  const reports = sum(rows.filter(({ query }) => /report_position|^\s*insert into cursors/.test(query)))
  return {
    'write transactions': xid!.next - notifications - reports,
    notifications,
    statements: sum(counted.filter((row) => !isNotification(row))),
    'messages emitted': total('messages_emitted_total'),
    'messages consumed': total('messages_consumed_total'),
    'calls to the provider': sum(rows.filter(({ query }) => query.includes('provider_pace'))),
    'webhooks received': total('provider_events_total'),
    'requests served': total('http_request_duration_seconds_count'),
  }
}

const scrapeAll = () =>
  Promise.all([...running].map(async (name) => (await fetch(`${stack.addresses[name]}/metrics`)).text()))

const sumOf = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  )

it('a sale stays within its budget, and so does telling its people', async () => {
  const [seller, buyer] = [new Client(stack.url), new Client(stack.url)]
  for (const client of [seller, buyer])
    await client.expect<User>(201, 'POST', '/api/users/signup', {
      email: `${newId()}@aisle.test`,
      password: 'a good password',
    })
  const sell = async (ticketId: string) => {
    const order = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId })
    await until(() => isHeld(order.id), Boolean, 'the ticket to be held')
    await buyer.expect(201, 'POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
    await until(() => isComplete(order.id), Boolean, 'the order to be complete')
    await isQuiet()
  }
  const tickets: string[] = []
  for (let nth = 0; nth <= 2 * sales; nth++) tickets.push((await listTicket(seller)).id)
  await isQuiet()
  // Warms up: what is prepared or written once.
  await sell(tickets.pop()!)

  const idleBefore = await callsOf()
  // Every poll of a service runs at least once in this time, and the gauges are read.
  await scrapeAll()
  await sleep(2_500)
  const idleAfter = await callsOf()
  const polls = new Set([...idleAfter].filter(([id, calls]) => calls > (idleBefore.get(id) ?? 0)).map(([id]) => id))

  const measure = async (ids: readonly string[]) => {
    const before = await count(polls)
    for (const id of ids) await sell(id)
    const after = await count(polls)
    return each((key) => (after[key] - before[key]) / sales)
  }
  // With and without the service that tells people: the difference is what telling costs.
  const told = await measure(tickets.splice(0, sales))
  await stack.stopService('notices')
  running.delete('notices')
  const untold = await measure(tickets)
  const telling = each((key) => told[key] - untold[key])
  expect([over(untold, budget), untold]).toEqual([[], untold])
  expect([over(telling, budgetOfTelling), telling]).toEqual([[], telling])
})

const keys = Object.keys(budget) as (keyof Count)[]
const each = (value: (key: keyof Count) => number) => Object.fromEntries(keys.map((key) => [key, value(key)])) as Count
const over = (is: Count, most: Count) => keys.filter((key) => is[key] > most[key])

const isHeld = async (id: string) =>
  (await sqlOf.get('payments')!`select from orders where id = ${id} and status = 'awaiting:payment'`).length > 0
const isComplete = async (id: string) =>
  (await sqlOf.get('orders')!`select from orders where id = ${id} and status = 'complete'`).length > 0

async function callsOf(): Promise<Map<string, number>> {
  const rows = await sqlOf.get('postgres')!<{ id: string; calls: number }[]>`
    select queryid::text as id, calls::int as calls from pg_stat_statements`
  return new Map(rows.map(({ id, calls }) => [id, calls]))
}

it('docs/performance.md has the same budget', () => {
  const page = readText('docs/performance.md')
  const table = page.slice(page.indexOf('## A budget for a sale'))
  for (const key of keys) expect(table).toContain(`| ${key} | ${budget[key]} | ${budgetOfTelling[key]} |`)
})
