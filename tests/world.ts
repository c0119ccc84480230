// A whole marketplace for one test: real services, real databases, the real sandbox, driven over HTTP as people
// would.

import type { Problem, ServiceName } from '@aisle/contracts/endpoint'
import type { Order, Payment, Ticket, User } from '@aisle/contracts/entities'
import { type Keys, makeKeys } from '@aisle/dev/keys'
import { services } from '@aisle/dev/stack'
import { heardBy } from '@aisle/kit/boot/hears'
import { connect } from '@aisle/kit/db/connect'
import { createLog, type Log } from '@aisle/kit/log'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { type Listener, settled, until } from '@aisle/kit/testing/settled'
import type postgres from 'postgres'
import { inject } from 'vitest'
import { Client, type Reply } from './client.ts'
import { ownStreams } from './own-streams.ts'
import { openStack, type WorldClock, type WorldStack } from './world-stack.ts'

export const adminLogin = { email: 'admin@aisle.test', password: 'correct horse battery' }

/** Every service of the world, in start order. */
export const worldServices: readonly ServiceName[] = services.map(({ name }) => name)

export type World = AsyncDisposable & {
  readonly stack: WorldStack
  readonly clock: WorldClock
  /** The secrets that the services share, for forging what must be refused. */
  readonly keys: Keys
  /** A service's broker configuration, if there is a broker. */
  readonly bus: Readonly<Record<string, string | number>> | undefined
  /** The marketplace's fee, in hundredths of a percent. */
  readonly feeBasisPoints: number
  /** A client without an account. */
  visitor(): Client
  /** A client that has just signed up. */
  member(name?: string): Promise<Client & { user: User }>
  admin(): Promise<Client>
  /** A service's database as its owner: tests read, and write only what a fault or a person would. */
  sql(service: ServiceName): postgres.Sql
  /** The URL of that database, as `role`: its owner by default. */
  databaseUrl(service: ServiceName, role?: string): string
  /** The text of every message on the broker's streams, if there is a broker. */
  streamed(): Promise<string[]>
  /** Waits until every message has taken effect and every call to the provider is finished. */
  settled(): Promise<void>
  /** The payment sandbox's state, and its switches. */
  sandbox<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
}

/** No request waits for a limit or a mail, unless a test is about one. */
export const unhurried = {
  RATE_LIMIT: 'off',
  PROVIDER_CALLS_PER_SECOND: 10_000,
  MAX_UNPAID_ORDERS: 1_000_000,
  MAX_TICKETS_PER_EVENT: 1_000_000,
  UNCONFIRMED_ADDRESSES: 'free',
  ADMIN_SECOND_FACTOR: 'off',
}

/** Shoppers are not taken for card testers, even if many cards are declined at random. */
export const anyDeclines = { DECLINES_PER_BUYER: 1_000_000, PAGE_DECLINES_PER_BUYER: 1_000_000 }

type WorldOptions = {
  /** Whether the front door serves pages. */
  web?: boolean
  /** The broker, for a test that needs one; by default that of the run, if it has one. */
  busUrl?: string | null
  log?: Log
}

export async function openWorld(
  config: Record<string, string | number> = {},
  { web = false, busUrl = inject('busUrl'), log }: WorldOptions = {},
): Promise<World> {
  const names = worldServices
  const databases = await cloneDatabases(inject('postgres'), names)
  const keys = makeKeys()
  const bus = ownStreams(busUrl, names)
  const stack = await openStack(inject('stack'), {
    web,
    databaseUrl: databases.url,
    keys,
    ...(bus.config ? { bus: bus.config } : {}),
    config: {
      ...unhurried,
      ...bus.config,
      ADMIN_EMAIL: adminLogin.email,
      ADMIN_PASSWORD: adminLogin.password,
      ...config,
    },
    log: log ?? createLog('test', process.env.TEST_LOG ?? 'fatal'),
  })
  // A test that holds a lock holds it as long as the waiter it waits for takes.
  const connection = { idle_in_transaction_session_timeout: 0, transaction_timeout: 0 }
  const connections = new Map(
    names.map((name) => [name, connect(databases.url(name), { max: 4, connection, answerWithinMs: null })]),
  )
  const sql = (service: ServiceName) => connections.get(service)!
  const listeners: Listener[] = services.map((service) => ({
    name: service.name,
    sql: sql(service.name),
    ...heardBy(service),
  }))
  let members = 0

  const world: World = {
    stack,
    clock: stack.clock,
    keys,
    bus: bus.config,
    feeBasisPoints: Number(config.PLATFORM_FEE_BASIS_POINTS ?? 0),
    sql,
    databaseUrl: databases.url,
    streamed: bus.read,
    visitor: () => new Client(stack.url),
    async member(name = `Member ${++members}`) {
      const client = new Client(stack.url)
      const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ['member']
      const email = `${words.join('.')}.${crypto.randomUUID().slice(0, 8)}@aisle.test`
      const user = await client.expect<User>(201, 'POST', '/api/users/signup', {
        email,
        password: 'a good password',
        name,
      })
      return Object.assign(client, { user })
    },
    async admin() {
      const client = new Client(stack.url)
      await client.expect(200, 'POST', '/api/users/signin', adminLogin)
      return client
    },
    settled: () =>
      settled(listeners, async () => {
        const [open] = await sql('payments')<
          { count: number }[]
        >`select count(*)::int as count from work where status = 'pending' and (kind <> 'webhook' or tries = 0)`
        return open?.count === 0 && !(await hasOpenEnd(sql))
      }),
    async sandbox<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${stack.sandboxUrl}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      if (!response.ok)
        throw new Error(`The sandbox answered ${response.status} to ${method} ${path}: ${await response.text()}`)
      return (response.status === 204 ? undefined : await response.json()) as T
    },
    async [Symbol.asyncDispose]() {
      await stack.stop()
      for (const connection of connections.values()) await connection.end()
      await bus.remove()
      await databases[Symbol.asyncDispose]()
    },
  }
  return world
}

/** Whether a banned user still has tickets or orders that have not ended, or an erased one tickets. */
async function hasOpenEnd(sql: World['sql']): Promise<boolean> {
  const open = await Promise.all(
    (['tickets', 'orders'] as const).map((service) => sql(service)`select 1 from users where ban_open limit 1`),
  )
  open.push(await sql('tickets')`select 1 from users where erasure_open limit 1`)
  return open.flat().length > 0
}

/** Lists a ticket for an upcoming event. */
export const listTicket = (
  seller: Client,
  fields: Partial<{
    title: string
    price: number
    currency: string
    event: Record<string, string>
    seat: Ticket['seat']
  }> = {},
) =>
  seller.expect<Ticket>(201, 'POST', '/api/tickets', {
    title: 'Two seats in the stalls',
    price: 4500,
    event: {
      name: 'The Winter Concert',
      venue: 'Great Hall',
      city: 'Vienna',
      startsAt: '2099-12-01T19:00:00Z',
      timeZone: 'Europe/Vienna',
      kind: 'concert',
    },
    ...fields,
  })

/** Waits until an order has the status. */
export const orderIn = (buyer: Client, orderId: string, status: Order['status']) =>
  until(
    () => buyer.expect<Order>(200, 'GET', `/api/orders/${orderId}`),
    (order) => order.status === status,
    `order ${orderId} to be ${status}`,
  )

/** Waits until a ticket has the status. */
export const ticketIn = (client: Client, ticketId: string, status: Ticket['status']) =>
  until(
    () => client.expect<Ticket>(200, 'GET', `/api/tickets/${ticketId}`),
    (ticket) => ticket.status === status,
    `ticket ${ticketId} to be ${status}`,
  )

/** Reserves a ticket as soon as orders knows it, and waits until it is held. */
export async function reserve(buyer: Client, ticketId: string): Promise<Order> {
  const { status, body } = await until(
    () => buyer.send<Order>('POST', '/api/orders', { ticketId }),
    (reply) => reply.status !== 404,
    `ticket ${ticketId} to be known to orders`,
  )
  if (status !== 201) throw new Error(`Reserving ${ticketId} was refused with ${status}: ${JSON.stringify(body)}`)
  return orderIn(buyer, body.id, 'awaiting:payment')
}

export const pay = (buyer: Client, orderId: string, token = 'tok_visa') =>
  buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId, token })

/** Waits until payments knows that an order has the status, so that a test can be exact about what follows. */
export const known = (world: World, orderId: string, status: Order['status']) =>
  until(
    () => world.sql('payments')<{ status: string }[]>`select status from orders where id = ${orderId}`,
    ([order]) => order?.status === status,
    `payments to know order ${orderId} as ${status}`,
  )

/** Waits until payments knows that the order may be paid. */
export const payable = (world: World, orderId: string) => known(world, orderId, 'awaiting:payment')

/** A whole sale, up to the captured payment. */
export async function buy(world: World, seller: Client, buyer: Client, price = 4500) {
  const ticket = await listTicket(seller, { price })
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  const payment = await pay(buyer, order.id)
  await orderIn(buyer, order.id, 'complete')
  await ticketIn(buyer, ticket.id, 'sold')
  return { ticket, order, payment }
}

/** Lets time pass, a second at a time, until `done` holds: for what the services do on their own after a while. */
export const inTime = <T>(
  world: World,
  read: () => Promise<T>,
  done: (value: T) => boolean,
  what: string,
): Promise<T> =>
  until(
    async () => {
      await world.clock.advance(1_000)
      // On a slow machine a second of this time must not be shorter than the work it has started.
      await world.stack.rest()
      return read()
    },
    done,
    what,
  )

/**
 * Lets this many seconds pass, one at a time, and then none: the services have started whatever they do within
 * that time. No more time passes, however slow the machine is.
 */
export async function withinSeconds<T>(
  world: World,
  seconds: number,
  read: () => Promise<T>,
  done: (value: T) => boolean,
  what: string,
): Promise<T> {
  for (let passed = 0; passed < seconds; passed++) {
    const value = await read()
    if (done(value)) return value
    await world.clock.advance(1_000)
    await world.stack.rest()
  }
  return until(read, done, `${what} within ${seconds} s`)
}

/** Like `orderIn`, while this many seconds pass. */
export const orderWithin = (world: World, seconds: number, buyer: Client, orderId: string, status: Order['status']) =>
  withinSeconds(
    world,
    seconds,
    () => buyer.expect<Order>(200, 'GET', `/api/orders/${orderId}`),
    (order) => order.status === status,
    `order ${orderId} to be ${status}`,
  )

/** Like `orderIn`, while time passes. */
export const orderInTime = (world: World, buyer: Client, orderId: string, status: Order['status']) =>
  inTime(
    world,
    () => buyer.expect<Order>(200, 'GET', `/api/orders/${orderId}`),
    (order) => order.status === status,
    `order ${orderId} to be ${status}`,
  )

/**
 * Holds the next call of `route` at the provider. `reached` resolves when it has arrived, `release` lets it
 * continue. Nothing is held for longer than the SDK waits.
 */
export async function holdAtProvider(world: World, route: string) {
  await world.sandbox('POST', '/_sandbox/faults', { route, kind: 'latency', ms: 9_000 })
  return {
    reached: () =>
      until(
        () => world.sandbox<{ faults: { route: string }[] }>('GET', '/_sandbox/faults'),
        ({ faults }) => faults.every((fault) => fault.route !== route),
        `the provider to be asked for ${route}`,
      ),
    release: () => world.sandbox('DELETE', `/_sandbox/faults?route=${route}`),
  }
}

/** How the provider's webhooks are treated from now on; held or dropped ones wait for `deliverWebhooks`. */
export const webhooks = (world: World, mode: 'deliver' | 'hold' | 'drop') =>
  world.sandbox('POST', '/_sandbox/webhooks', { mode })

/** The codes that distinguish refusals. */
export const refusalOf = ({ status, body }: Reply): [number, string] => [status, (body as Problem).code]
