// npm run kill-matrix: kills each process (kill -9) at each step of a sale, one after the other, on the distributed
// stack with one process of each. The next process must complete the sale exactly once, with nothing left over.
//
//     npm run kill-matrix                         every row
//     npm run kill-matrix -- --only captures      the rows whose service and activity contain this text
//     npm run kill-matrix -- --rows 12 --seed 7   twelve of them; without a seed, others each time

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Erasure, Order, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { Client, type Reply } from '../client.ts'
import { openWork } from '../histories/quiet.ts'
import { randomOf } from '../histories/random.ts'
import { adminLogin } from '../world.ts'
import { startBrokenStack } from './broken-stack.ts'
import {
  afterProvider,
  atProvider,
  beforeAck,
  beforeCommit,
  beforeEffect,
  beforePositionSaved,
  beforePublish,
  type Step,
} from './moments.ts'
import { recover } from './recover.ts'

/**
 * What people do, in this order. `leave` means to reserve and not to pay; with `ban` an admin bans the seller
 * before the payment; with `erase` the seller has the account erased before anybody reserves.
 */
type Act = 'sign up' | 'list' | 'reserve' | 'pay' | 'leave' | 'ban' | 'erase'
type Row = { service: ServiceName; act: Act; doing: string; step: string; at: Step }

const publishes = (service: ServiceName, act: Act, doing: string): Row[] => [
  { service, act, doing, step: 'before its commit', at: beforeCommit },
  { service, act, doing, step: 'after its commit, before the relay has published', at: beforePublish },
  { service, act, doing, step: 'after publishing, before its position is saved', at: beforePositionSaved },
]
const consumes = (service: ServiceName, act: Act, doing: string): Row[] => [
  { service, act, doing, step: 'before its commit', at: beforeEffect },
  { service, act, doing, step: 'after its commit, before its ack', at: beforeAck },
]
const calls = (act: Act, doing: string, route: string): Row[] => [
  { service: 'payments', act, doing, step: 'while the provider answers', at: atProvider(route) },
  { service: 'payments', act, doing, step: 'after the provider, before our commit', at: afterProvider(route) },
]

const rows: readonly Row[] = [
  ...publishes('auth', 'sign up', 'makes an account'),
  ...publishes('notices', 'sign up', 'makes a key'),
  ...consumes('auth', 'sign up', 'keeps the key'),
  ...publishes('tickets', 'list', 'lists a ticket'),
  ...consumes('orders', 'list', 'mirrors the ticket'),
  ...publishes('orders', 'reserve', 'takes the reservation'),
  ...consumes('tickets', 'reserve', 'holds the ticket'),
  ...publishes('tickets', 'reserve', 'publishes the hold').slice(1),
  ...consumes('expiration', 'reserve', 'sets the timer'),
  ...consumes('payments', 'reserve', 'mirrors the order'),
  ...publishes('payments', 'pay', 'begins the payment').slice(0, 1),
  ...calls('pay', 'authorises', 'payment_intents.create'),
  ...publishes('payments', 'pay', 'publishes the authorisation').slice(1),
  ...consumes('orders', 'pay', 'accepts the payment'),
  ...consumes('payments', 'pay', 'receives the acceptance'),
  ...calls('pay', 'captures', 'payment_intents.capture'),
  ...consumes('tickets', 'pay', 'marks the ticket sold'),
  ...consumes('notices', 'pay', 'tells both sides'),
  ...publishes('expiration', 'leave', 'fires the timer'),
  ...consumes('orders', 'leave', 'ends the order'),
  ...publishes('auth', 'ban', 'bans the seller'),
  ...consumes('tickets', 'ban', 'receives the ban'),
  ...publishes('tickets', 'ban', 'withdraws listings (ban)'),
  ...consumes('orders', 'ban', 'receives the ban'),
  ...publishes('orders', 'ban', 'cancels unpaid orders (ban)'),
  ...publishes('auth', 'erase', 'asks for an erasure'),
  ...consumes('orders', 'erase', 'answers (erasure)'),
  ...consumes('payments', 'erase', 'answers (erasure)'),
  ...consumes('auth', 'erase', 'erases the account'),
  ...consumes('tickets', 'erase', 'forgets the seller (erasure)'),
  ...consumes('notices', 'erase', 'forgets the person (erasure)'),
]

const endOf: Partial<Record<Act, string>> = {
  leave: 'ended, ticket free',
  ban: 'ended, tickets withdrawn',
  erase: 'none, ticket withdrawn',
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rows: { type: 'string', default: String(rows.length) },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
  },
})
/** Longer than a recovery takes, and short enough to wait for. */
const windowSeconds = 12
const againAfterMs = 100
const patienceMs = 60_000

const stack = await startBrokenStack({
  dataDir: await mkdtemp(join(tmpdir(), 'aisle-kill-')),
  windowSeconds,
  replicas: 1,
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void stack.end().finally(() => process.exit(1)))
let failures = 0
try {
  if (Number(values.rows) < rows.length) console.log(`seed ${values.seed}`)
  console.log('| process | what it does | killed | the sale | recovered after |\n|---|---|---|---|---:|')
  for (const row of chosenRows()) {
    const { recoveredAfterMs, wrong } = await kill(row).catch((error: unknown) => ({
      recoveredAfterMs: 0,
      wrong: [String(error)],
    }))
    if (wrong.length > 0) failures++
    console.log(
      `| ${row.service} | ${row.doing} | ${row.step} | ${wrong.length === 0 ? (endOf[row.act] ?? 'complete') : `WRONG: ${wrong.join('; ')}`} | ${(recoveredAfterMs / 1000).toFixed(1)} s |`,
    )
  }
} finally {
  const unwilling = await stack.end()
  failures += unwilling.length
  if (unwilling.length > 0) console.log(`at the end: ${unwilling.join('; ')}`)
}
process.exit(failures === 0 ? 0 : 1)

/** In the order of the table. */
function chosenRows(): Row[] {
  const chosen = rows.filter(({ service, doing }) => `${service} ${doing}`.includes(values.only))
  const random = randomOf(Number(values.seed))
  while (chosen.length > Number(values.rows)) chosen.splice(random.below(chosen.length), 1)
  return chosen
}

/** One sale with one kill. */
async function kill({ service, act, at }: Row): Promise<{ recoveredAfterMs: number; wrong: string[] }> {
  const victim = stack.replicas.find(({ program }) => program === service)!
  let killedAt = 0
  for (const [name, run] of saleUpTo(act)) {
    // All earlier messages are consumed first, so whatever is held was caused by this act.
    if (name === act)
      await until(
        () => openWork(stack, '0'),
        ({ open }) => open.length === 0,
        'everything to be heard',
      )
    const moment = name === act ? await at(stack, service) : null
    const running = run()
    running.catch(() => {})
    if (moment) {
      try {
        await moment.reached()
        victim.signal('SIGKILL')
        killedAt = performance.now()
        await gone(victim.origin)
      } finally {
        await moment.release()
      }
    }
    await running
  }
  const recoveredAfterMs = performance.now() - killedAt
  await stack.ready()
  const { left } = await recover.quiet(stack, windowSeconds)
  return { recoveredAfterMs, wrong: [...left, ...(await recover.wrong(stack))] }
}

/** Resolves when the process no longer answers: it is restarted a quarter of a second later. */
async function gone(origin: string): Promise<void> {
  const answers = () =>
    fetch(`${origin}/livez`).then(
      () => true,
      () => false,
    )
  while (await answers()) await sleep(5)
}

/** A sale between new people, as a list of acts; with `leave` the buyer does not pay. */
function saleUpTo(act: Act): [Act, () => Promise<void>][] {
  const [seller, buyer] = [person(), person()]
  let ticket: Ticket
  let other: Ticket
  let order: Order
  const orderAs = (status: Order['status']) =>
    again(async () => {
      const { body } = await ask<Order>(buyer, 'GET', `/api/orders/${order.id}`)
      if (body.status === 'cancelled' && status !== 'cancelled') throw new Error('the order was cancelled')
      return body.status === status
    }, `the order to be ${status}`)
  async function ban(): Promise<void> {
    const admin = person()
    await ask(admin, 'POST', '/api/users/signin', adminLogin)
    const { id } = ticket.seller
    await again(
      async () => (await ask(admin, 'POST', `/api/users/${id}/ban`, { reason: 'a test' })).status === 204,
      'the ban',
    )
    await orderAs('cancelled')
    await untilWithdrawn([ticket, other])
  }
  async function erase(): Promise<void> {
    await again(async () => {
      const { status, body } = await ask<Erasure>(seller, 'POST', '/api/users/me/erasure')
      // Without a session the account is gone already.
      return status === 401 || body.status === 'done'
    }, 'the erasure')
    await untilWithdrawn([ticket])
  }
  const untilWithdrawn = async (tickets: readonly Ticket[]) => {
    for (const { id } of tickets)
      await again(
        async () => (await ask<Ticket>(buyer, 'GET', `/api/tickets/${id}`)).body.status === 'withdrawn',
        'the tickets to be withdrawn',
      )
  }
  const acts: [Act, () => Promise<void>][] = [
    [
      'sign up',
      async () => {
        for (const one of [seller, buyer]) {
          const account = { email: `${newId()}@aisle.test`, password: 'a good password' }
          // With the key of a sign-up that died, the response would be "in progress" for a minute. A person
          // tries again, and may already have an account.
          await again(async () => {
            const { status } = await ask(one, 'POST', '/api/users/signup', account)
            return status === 201 || (await ask(one, 'POST', '/api/users/signin', account)).status === 200
          }, 'the account')
        }
      },
    ],
    [
      'list',
      async () => {
        const list = () => ask<Ticket>(seller, 'POST', '/api/tickets', { title: 'Stalls', price: 4500 })
        ticket = (await list()).body
        if (act === 'ban') other = (await list()).body
      },
    ],
    [
      'reserve',
      async () => {
        await again(async () => {
          const { status, body } = await ask<Order>(buyer, 'POST', '/api/orders', { ticketId: ticket.id })
          order = body
          return status === 201
        }, 'the reservation')
        await orderAs('awaiting:payment')
      },
    ],
    act === 'leave'
      ? ['leave', () => orderAs('cancelled')]
      : act === 'ban'
        ? ['ban', ban]
        : act === 'erase'
          ? ['erase', erase]
          : [
              'pay',
              async () => {
                // Like a buyer who presses the button again until there is a response.
                await again(async () => {
                  const { status } = await ask(buyer, 'POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
                  const { body } = await ask<Order>(buyer, 'GET', `/api/orders/${order.id}`)
                  return status === 201 || body.status !== 'awaiting:payment'
                }, 'the payment')
                await orderAs('complete')
              },
            ],
  ]
  return act === 'erase' ? acts.filter(([name]) => name !== 'reserve') : acts
}

function person(): Client {
  return new Client(stack.url, () => (status) => status >= 500)
}

/** Repeats a request with the same key until there is a real response. */
async function ask<T>(client: Client, method: string, path: string, body?: unknown): Promise<Reply<T>> {
  const headers = method === 'GET' ? {} : { 'idempotency-key': newId() }
  let reply: Reply<T> | null = null
  await again(async () => {
    reply = await client.send<T>(method, path, body, headers).catch((error: Error) => {
      if (error.message.includes('contract')) throw error
      return null
    })
    return reply !== null && reply.status < 500
  }, `an answer to ${method} ${path}`)
  return reply!
}

async function again(attempt: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await attempt())) {
    if (performance.now() > deadline) throw new Error(`Waited ${patienceMs / 1000} s for ${what}`)
    await sleep(againAfterMs)
  }
}
