// (k) Pages of one person's own rows: a buyer's orders, and a seller's sales, which payments lists by its mirror of the
// orders. 20 rows each, of 100,000 in the tables. Directly at the service. Reference: a bare node:http server that
// returns the same bytes, in turns with it.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BenchStack } from './stack.ts'
import { median, ms, perSecond, type Row, spread } from './table.ts'
import { figuresOf, type Load, latePart, wrk } from './wrk.ts'

const rowsInAll = 100_000
const rowsEach = 20
const connections = 32
const seconds = 4
const rounds = 3

export async function lists(stack: BenchStack): Promise<Row[]> {
  const [cookie] = await stack.buyers(1)
  await fill(stack, userOf(cookie!))
  return [
    await measure(`${stack.addresses.orders}/api/orders`, cookie!, "a buyer's orders"),
    await measure(`${stack.addresses.payments}/api/payments/sales`, cookie!, "a seller's sales, by a mirror"),
  ]
}

async function measure(url: string, cookie: string, what: string): Promise<Row> {
  const answer = await fetch(url, { headers: { cookie } })
  const body = await answer.text()
  if (!answer.ok || (JSON.parse(body) as unknown[]).length !== rowsEach)
    throw new Error(`${url} answered ${answer.status} ${body.slice(0, 200)}`)
  await using bare = await startBare(body)
  const ours: Load[] = []
  const reference: Load[] = []
  for (let round = 0; round < rounds; round++) {
    reference.push(await wrk(bare.url, { connections, seconds: 2, script: 'get.lua' }))
    ours.push(await wrk(url, { connections, seconds, script: 'page.lua', args: [cookie] }))
  }
  const refused = ours.reduce((sum, load) => sum + load.refused, 0)
  if (refused > 0) throw new Error(`${refused} requests for ${url} were refused.`)
  const rates = ours.map((load) => load.perSecond)
  const bareRates = reference.map((load) => load.perSecond)
  return {
    name: `(k) GET ${what}`,
    ours: `${spread(rates, perSecond)}, p99 ${ms(median(ours.map(({ p99Ms }) => p99Ms)))}${latePart(ours)}`,
    reference: `bare server, same bytes: ${perSecond(median(bareRates))}`,
    ratio: (median(rates) / median(bareRates)).toFixed(2),
    aim: 'more than 1,000/s',
    figures: { ...figuresOf(ours), barePerSecond: bareRates },
  }
}

async function startBare(body: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(body),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The user whom a session is of. */
function userOf(cookie: string): string {
  const [, claims = ''] = cookie.split('.')
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }).sub
}

/** Complete orders of many users, in the databases of orders and payments; `userId` bought and sold some of them. */
async function fill(stack: BenchStack, userId: string): Promise<void> {
  const each = `from generate_series(1, ${rowsInAll}) n,
    lateral (select ('01910000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id,
      case when n % ${rowsInAll / rowsEach} = 0 then '${userId}'::uuid else uuidv7() end as who) one`
  await stack.sql('orders').unsafe(`
    insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
      payment_id, expires_at, created_at, updated_at)
    select id, 4, 'complete', who, uuidv7(), id, 1, 'Ticket', 5000, 'usd', id, now(), now(), now() ${each}`)
  await stack.sql('payments').unsafe(`
    insert into orders (id, version, status, buyer_id, seller_id, price, currency, payment_id, expires_at, title,
      ticket_id)
    select id, 4, 'complete', uuidv7(), who, 5000, 'usd', id, now(), 'Ticket', id ${each}`)
  await stack.sql('payments').unsafe(`
    insert into payments (id, order_id, attempt, version, status, amount, currency, stripe_id, created_at, updated_at)
    select id, id, 1, 3, 'captured', 5000, 'usd', 'pi_' || n, now(), now() ${each}`)
  await stack.sql('orders').unsafe('vacuum (analyze) orders')
  for (const table of ['orders', 'payments']) await stack.sql('payments').unsafe(`vacuum (analyze) ${table}`)
}
