// kill -9 of the whole stack during a stream of sales, then the same command again; and kill -9 of its
// PostgreSQL, which the stack restarts. Nothing is lost, nothing is duplicated, no money is left hanging. The
// moment is random; its seed is printed, and KILL_SEED repeats it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Order, Payment, Ticket } from '@aisle/contracts/entities'
import { compareMirrors } from '@aisle/dev/compare-mirrors'
import { freePort } from '@aisle/dev/free-port'
import type { RunningStack } from '@aisle/dev/running'
import { services } from '@aisle/dev/stack'
import { heardBy } from '@aisle/kit/boot/hears'
import { connect } from '@aisle/kit/db/connect'
import { settled, until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import type postgres from 'postgres'
import { afterEach, expect, it } from 'vitest'
import { Client } from './client.ts'
import { deadLetters, wrongInBooks, wrongInMessages } from './invariants.ts'
import { listTicket, type World } from './world.ts'

const seed = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1_000_000))
const sellingMs = seed % 1_500
/** By then many sales are under way, on a slow machine too. */
const paymentsFirst = 24
const buyers = 8

let dataDir = ''
let child: ChildProcess | null = null
const open: postgres.Sql[] = []
afterEach(async () => {
  for (const sql of open.splice(0)) await sql.end({ timeout: 1 })
  if (child && child.exitCode === null) await kill()
  // Servers that end with it may still write.
  await rm(dataDir, { recursive: true, force: true, maxRetries: 50, retryDelay: 50 })
})

/** Starts the marketplace on the data directory; resolves when it reports that it runs. */
async function start(port: number): Promise<RunningStack> {
  let output = ''
  const started = spawn(process.execPath, [fileURLToPath(new URL('../dev/start.ts', import.meta.url))], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: String(port),
      SEED: '0',
      RATE_LIMIT: 'off',
      UNCONFIRMED_ADDRESSES: 'free',
      PROVIDER_CALLS_PER_SECOND: '10000',
      ORDER_WINDOW_SECONDS: '900',
      // A fast machine sells more than a person may buy.
      MAX_TICKETS_PER_EVENT: '1000000',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child = started
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (text) => {
      output += text
    })
  return until(
    async () => {
      if (started.exitCode !== null) throw new Error(`dev/start.ts ended with ${started.exitCode}: ${output}`)
      const text = await readFile(join(dataDir, 'running.json'), 'utf8').catch(() => '{}')
      return JSON.parse(text || '{}') as RunningStack
    },
    ({ pid }) => pid === started.pid,
    'the stack to run',
  )
}

async function kill(): Promise<void> {
  const gone = once(child!, 'exit')
  child!.kill('SIGKILL')
  await gone
  child = null
}

type Answered = { orders: Set<string>; payments: Set<string>; tickets: Set<string> }

/**
 * Lists, reserves and pays until the server no longer answers or it is enough; records everything that was
 * promised.
 */
async function trade(url: string, answered: Answered, isEnough = () => false): Promise<void> {
  const [seller, buyer] = [new Client(url), new Client(url)]
  for (const client of [seller, buyer])
    await client.expect(201, 'POST', '/api/users/signup', {
      email: `${newId()}@aisle.test`,
      password: 'a good password',
    })
  while (!isEnough()) {
    const ticket: Ticket = await listTicket(seller)
    answered.tickets.add(ticket.id)
    const order = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId: ticket.id })
    answered.orders.add(order.id)
    const reply = await buyer.send<Payment>('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
    if (reply.status === 201) answered.payments.add(reply.body.id)
  }
}

/** The parts of a world needed to check the invariants, over a stack that runs elsewhere. */
function worldOf({ databases, addresses }: RunningStack): World {
  const connections = new Map(Object.entries(databases).map(([name, url]) => [name, connect(url, { max: 2 })]))
  open.push(...connections.values())
  const world: Pick<World, 'sql' | 'sandbox' | 'settled'> = {
    sql: (service: ServiceName) => connections.get(service)!,
    sandbox: <T>(_: string, path: string) => fetch(`${addresses.sandbox}${path}`).then((r) => r.json() as Promise<T>),
    settled: () =>
      settled(
        services.map((service) => ({ name: service.name, sql: connections.get(service.name)!, ...heardBy(service) })),
        async () => (await world.sql('payments')`select 1 from work where status = 'pending'`).length === 0,
      ),
  }
  return world as World
}

/** Everything that was promised is there, and the invariants hold. */
async function expectKept(world: World, answered: Answered): Promise<void> {
  await world.settled()
  await until(
    () => world.sql('orders')<{ id: string }[]>`select id from orders where status = 'paying'`,
    (paying) => paying.length === 0,
    'every accepted payment to be captured',
  )
  await world.settled()

  const ids = async (service: ServiceName) =>
    new Set(
      (await world.sql(service)<{ id: string }[]>`select id from ${world.sql(service)(service)}`).map(({ id }) => id),
    )
  for (const service of ['tickets', 'orders', 'payments'] as const) {
    const known = await ids(service)
    expect([service, [...answered[service]].filter((id) => !known.has(id))]).toEqual([service, []])
  }
  expect(await wrongInBooks(world)).toEqual([])
  expect(await wrongInMessages(world)).toEqual([])
  expect(await deadLetters(world)).toEqual([])
  expect(await compareMirrors(world.sql)).toEqual([])
  // Every promised payment has led to its sale.
  const unfinished = await world.sql('orders')`
    select status from orders where payment_id = any(${[...answered.payments]}::uuid[]) and status <> 'complete'`
  expect(unfinished).toEqual([])
}

/** Lets buyers trade for a while, runs `kill` on the stack, and waits for them to end. */
async function tradeUntil(url: string, kill: () => Promise<void>): Promise<Answered> {
  const answered: Answered = { orders: new Set(), payments: new Set(), tickets: new Set() }
  let down = false
  const trading = Array.from({ length: buyers }, () =>
    trade(url, answered).catch((error: unknown) => {
      if (!down) throw error
    }),
  )
  const sold = until(
    async () => answered.payments.size,
    (size) => size >= paymentsFirst,
    'the sales to be under way',
  )
  await Promise.race([sold, Promise.all(trading)])
  // The one place where time itself is the input: how long they trade before the kill.
  await sleep(sellingMs)
  down = true
  await kill()
  await Promise.all(trading)
  expect(answered.payments.size).toBeGreaterThanOrEqual(paymentsFirst)
  return answered
}

it(`kill -9 in a stream of sales loses nothing and duplicates nothing (KILL_SEED=${seed}) [M1, M11, P3]`, async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aisle-kill-'))
  const port = await freePort()
  const answered = await tradeUntil((await start(port)).url, kill)

  const world = worldOf(await start(port))
  // The dead process holds its calls for 45 s; this test does not wait for that.
  await world.sql('payments')`update work set next_try_at = now() where status = 'pending'`
  await expectKept(world, answered)
})

it(`keeps selling after kill -9 of its PostgreSQL, and nothing is lost (KILL_SEED=${seed})`, async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aisle-kill-'))
  const running = await start(await freePort())
  const postmaster = async () =>
    Number.parseInt(await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '0'), 10)
  const first = await postmaster()
  const answered = await tradeUntil(running.url, async () => void process.kill(first, 'SIGKILL'))

  const killedAt = performance.now()
  const later: Answered = { orders: new Set(), payments: new Set(), tickets: new Set() }
  const hasBought = () => later.payments.size > 0
  // New buyers get 503 until it is back; they retry.
  while (!hasBought()) await trade(running.url, later, hasBought).catch(() => sleep(20))
  console.info(`sold again ${((performance.now() - killedAt) / 1_000).toFixed(1)} s after its PostgreSQL was killed`)
  expect([child!.exitCode, (await postmaster()) !== first]).toEqual([null, true])
  const world = worldOf(running)
  await expectKept(world, answered)
  await expectKept(world, later)
})
