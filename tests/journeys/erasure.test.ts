// An account is erased: what stands in the way of it, what is left of it, and what happens at the same moment.

import type { Erasure, Order, Ticket, User } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { type MailServer, startMailServer } from '../mail-server.ts'
import {
  buy,
  holdAtProvider,
  inTime,
  listTicket,
  openWorld,
  orderIn,
  pay,
  payable,
  refusalOf,
  reserve,
  ticketIn,
  type World,
  webhooks,
  worldServices,
} from '../world.ts'

let server: MailServer
let world: World
beforeAll(async () => {
  server = await startMailServer()
  world = await openWorld({ MAIL_URL: server.url })
})
afterEach(async () => {
  await world.sandbox('DELETE', '/_sandbox/faults')
  await webhooks(world, 'deliver')
})
afterAll(async () => {
  await closeWorld(world)
  await server[Symbol.asyncDispose]()
})

type Member = Awaited<ReturnType<World['member']>>
const password = 'a good password'
const hourMs = 60 * 60 * 1000
const erase = async (who: Client) => (await who.send<Erasure>('POST', '/api/users/me/erasure')).body
const codes = ({ reasons }: Erasure) => reasons.map(({ code }) => code).toSorted()
const refund = (seller: Client, payment: { id: string }) =>
  seller.send('POST', `/api/payments/${payment.id}/refunds`, {})
const eventIn = (hours: number, name: string) => ({
  name,
  venue: 'Great Hall',
  startsAt: new Date(world.clock.now().getTime() + hours * hourMs).toISOString(),
})
/** A sale of a ticket for an event that begins in so many hours, or for none. */
async function sale(seller: Client, buyer: Client, event?: ReturnType<typeof eventIn>) {
  const ticket = event
    ? await listTicket(seller, { event })
    : await seller.expect<Ticket>(201, 'POST', '/api/tickets', { title: 'One seat', price: 4500 })
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  const payment = await pay(buyer, order.id)
  await orderIn(buyer, order.id, 'complete')
  await ticketIn(buyer, ticket.id, 'sold')
  return { ticket, order, payment }
}

/** Tables with a row that contains `text`, in any form of it that a row can have. */
async function tablesWith(text: string): Promise<string[]> {
  const found: string[] = []
  for (const service of worldServices) {
    const sql = world.sql(service)
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`
    for (const { name } of tables) {
      const rows = await sql`select 1 from ${sql(name)} t where t::text ilike ${`%${text}%`} limit 1`
      if (rows.length > 0) found.push(`${service}.${name}`)
    }
  }
  return found.toSorted()
}

it('nothing that names the person is left, and the other side has what it needs', async () => {
  const planted = `planted${crypto.randomUUID().slice(0, 8)}`
  const email = `${planted}@example.org`
  const phone = '+41 44 668 18 99'
  const [buyer, seller] = [await world.member(), await world.member()]
  const person = new Client(world.stack.url)
  const keyed = { 'idempotency-key': crypto.randomUUID() }
  const { id } = await person.expect<User>(
    201,
    'POST',
    '/api/users/signup',
    { email, password, name: `Ada ${planted}` },
    keyed,
  )
  await person.send('PATCH', '/api/users/me', { phone }, { 'idempotency-key': crypto.randomUUID() })
  await world.sql('auth')`update users set email_confirmed_at = now() where id = ${id}`
  const bought = await sale(seller, person, eventIn(1, `Evening of ${id}`))
  const sold = await sale(person, buyer)
  await refund(person, sold.payment)
  await orderIn(buyer, sold.order.id, 'refunded')
  const listed = await person.expect<Ticket>(201, 'POST', '/api/tickets', {
    title: `Ring ${planted}`,
    description: `Call me: ${planted}`,
    price: 4500,
  })
  const withdrawn = await person.expect<Ticket>(201, 'POST', '/api/tickets', { title: `${planted} again`, price: 4500 })
  await person.expect(204, 'DELETE', `/api/tickets/${withdrawn.id}`)
  await person.expect(200, 'PATCH', '/api/users/me', { language: 'de' })

  // The event is over; and so is the session.
  await world.clock.advance(26 * hourMs)
  for (const client of [person, buyer, seller]) {
    const address = client === person ? email : (client as Member).user.email
    await client.expect(
      200,
      'POST',
      '/api/users/signin',
      { email: address, password },
      { 'idempotency-key': crypto.randomUUID() },
    )
  }
  const old = person.cookie
  expect(await erase(person)).toMatchObject({ status: 'done', reasons: [] })
  await ticketIn(buyer, listed.id, 'withdrawn')
  await inTime(
    world,
    () => world.sql('notices')`select 1 from erased_users where user_id = ${id} and key_gone_at is not null`,
    (rows) => rows.length === 1,
    'the key to be deleted',
  )
  await world.settled()
  expect(server.accepted.filter(({ to }) => to === email).at(-1)?.subject).toMatch(/Konto/)

  // What was said before is in the outboxes for a week: names, and what listings said. An address never is.
  expect(await tablesWith(planted)).toEqual(['auth.outbox', 'tickets.outbox'])
  for (const text of [email, '668 18 99', '44668']) expect([text, await tablesWith(text)]).toEqual([text, []])

  expect(await buyer.expect(200, 'GET', `/api/orders/${sold.order.id}`)).toMatchObject({ status: 'refunded' })
  expect(await buyer.expect<Ticket>(200, 'GET', `/api/tickets/${sold.ticket.id}`)).toMatchObject({
    status: 'sold',
    seller: { id, name: 'Former member', erased: true },
  })
  expect(await buyer.expect<Ticket>(200, 'GET', `/api/tickets/${listed.id}`)).not.toHaveProperty('description')
  expect((await seller.send('GET', `/api/payments/${bought.payment.id}`)).status).toBe(200)

  const refused = [
    await world.visitor().send('POST', '/api/users/signin', { email, password }),
    await world.visitor().send('POST', '/api/users/signin', { email: 'nobody@example.org', password }),
  ].map(refusalOf)
  expect(refused).toEqual([
    [401, 'invalid-credentials'],
    [401, 'invalid-credentials'],
  ])
  person.cookie = old
  expect(refusalOf(await person.send('GET', '/api/orders'))).toEqual([401, 'not-signed-in'])
  const next = await world.visitor().expect<User>(201, 'POST', '/api/users/signup', { email, password })
  expect(next.id).not.toBe(id)
})

describe('an erasure is refused', () => {
  it('while an order of the buyer or the seller is unfinished, and not any more when it ends', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    expect(await erase(buyer)).toMatchObject({
      status: 'refused',
      reasons: [{ code: 'order-unfinished', subject: order.id }],
    })
    expect(await erase(seller)).toMatchObject({ reasons: [{ code: 'sale-unfinished', subject: ticket.id }] })
    await reserve(buyer, (await listTicket(seller)).id)
    await listTicket(seller)
    for (const one of await buyer.expect<Order[]>(200, 'GET', '/api/orders?status=awaiting:payment'))
      await buyer.expect(204, 'DELETE', `/api/orders/${one.id}`)
    expect([(await erase(buyer)).status, (await erase(seller)).status]).toEqual(['done', 'done'])
    await ticketIn(world.visitor(), ticket.id, 'withdrawn')
  })

  it('while an event is ahead, and while a balance is due', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { order, ticket, payment } = await buy(world, seller, buyer)
    await world.settled()
    expect(await erase(buyer)).toMatchObject({ reasons: [{ code: 'event-ahead', subject: order.id }] })
    expect(await erase(seller)).toMatchObject({
      reasons: [{ code: 'sale-event-ahead', subject: ticket.id }, { code: 'balance-due' }],
    })
    await refund(seller, payment)
    await orderIn(buyer, order.id, 'refunded')
    await world.settled()
    expect([(await erase(buyer)).status, (await erase(seller)).status]).toEqual(['done', 'done'])
  })

  it('while a refund is on its way', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { payment, order } = await sale(seller, buyer)
    const held = await holdAtProvider(world, 'refunds.create')
    const refunded = refund(seller, payment)
    await held.reached()
    expect(codes(await erase(buyer))).toEqual(['payment-open', 'refund-open'])
    expect(codes(await erase(seller))).toEqual(['sale-payment-open', 'sale-refund-open'])
    await held.release()
    await refunded
    await orderIn(buyer, order.id, 'refunded')
    await world.settled()
    expect((await erase(buyer)).status).toBe('done')
  })

  it('without a fresh proof of who asks', async () => {
    const member = await world.member()
    await world.clock.advance(11 * 60_000)
    expect(refusalOf(await member.send('POST', '/api/users/me/erasure'))).toEqual([403, 'proof-needed'])
    await member.expect(204, 'POST', '/api/users/me/proof', { password })
    expect((await erase(member)).status).toBe('done')
  })
})

describe('at the same moment as an erasure', () => {
  const rounds = 8
  const liveOrdersOf = (id: string) =>
    world.sql('orders')`
      select 1 from orders where (buyer_id = ${id} or seller_id = ${id}) and status <> 'cancelled'`
  const after = (turn: number) => new Promise((resolve) => setTimeout(resolve, (turn % 4) * 3))

  it.each(['buyer', 'seller'] as const)('a reservation is seen, or refused: the %s goes', async (which) => {
    const outcomes = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      const [seller, buyer] = [await world.member(), await world.member()]
      const ticket = await listTicket(seller)
      await world.settled()
      const who = which === 'buyer' ? buyer : seller
      const reserving = () => buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id })
      const [erased, reserved] =
        round % 2 === 0
          ? await Promise.all([erase(who), after(round).then(reserving)])
          : await Promise.all([after(round).then(() => erase(who)), reserving()])
      await world.settled()
      outcomes.add(`${erased.status} ${reserved.status}`)
      if (erased.status === 'done') expect(await liveOrdersOf(who.user.id)).toEqual([])
      else expect([erased.status, reserved.status]).toEqual(['refused', 201])
    }
    expect(
      [...outcomes].every((one) => /^(done 40[139]|refused 201)$/.test(one)),
      [...outcomes].join(),
    ).toBe(true)
  })

  /** A connection to orders that holds the lock of a seller's sales, as long as `then` takes. */
  async function whileTradeIsLocked<T>(how: 'shared' | 'alone', { user }: Member, then: (held: Held) => Promise<T>) {
    const sql = world.sql('orders')
    const held = await sql.reserve()
    const shared = sql.unsafe(how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock')
    try {
      await held`begin`
      await held`select ${shared}(hashtextextended(${`seller ${user.id}`}, 0))`
      return await then(held)
    } finally {
      held.release()
    }
  }
  type Held = Awaited<ReturnType<ReturnType<World['sql']>['reserve']>>

  it('a reservation that is not committed yet is waited for, and seen', async () => {
    const seller = await world.member()
    const erasing = await whileTradeIsLocked('shared', seller, async (held) => {
      const asked = erase(seller)
      await until(
        () => world.sql('orders')`select 1 from parked_messages where message ->> 'subject' = ${seller.user.id}`,
        (rows) => rows.length === 1,
        'orders to wait for the reservation',
      )
      await held`
        insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
          expires_at, created_at, updated_at)
        values (uuidv7(), 1, 'created', uuidv7(), ${seller.user.id}, uuidv7(), 1, 'One seat', 4500, 'usd', now(), now(),
          now())`
      await held`commit`
      return { asked }
    })
    expect(codes(await erasing.asked)).toEqual(['sale-unfinished'])
    await world.sql('orders')`delete from orders where seller_id = ${seller.user.id}`
  })

  it('a reservation waits for the answer that is being given, and is refused', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await world.settled()
    const refused = await whileTradeIsLocked('alone', seller, async (held) => {
      const [own] = await held<{ pid: number }[]>`select pg_backend_pid() as pid`
      const reserving = buyer.send('POST', '/api/orders', { ticketId: ticket.id })
      await until(
        () => world.sql('orders')`select 1 from pg_stat_activity where ${own!.pid} = any (pg_blocking_pids(pid))`,
        (rows) => rows.length > 0,
        'the reservation to wait',
      )
      await held`update users set closing = 1 where id = ${seller.user.id}`
      await held`commit`
      return reserving
    })
    expect(refusalOf(refused)).toEqual([409, 'ticket-withdrawn'])
    await world.sql('orders')`update users set closing = null where id = ${seller.user.id}`
  })

  it('a listing is refused once tickets has heard of it', async () => {
    const seller = await world.member()
    await world.settled()
    await world.sql('tickets')`update users set erased = true where id = ${seller.user.id}`
    const offer = { title: 'One seat', price: 4500 }
    expect(refusalOf(await seller.send('POST', '/api/tickets', offer))).toEqual([403, 'account-closing'])
    await world.sql('tickets')`update users set erased = false where id = ${seller.user.id}`
  })

  it('a listing is withdrawn, or refused', async () => {
    for (let round = 0; round < rounds; round++) {
      const seller = await world.member()
      const offer = { title: 'One seat', price: 4500 }
      const [erased, listed] =
        round % 2 === 0
          ? await Promise.all([
              erase(seller),
              after(round).then(() => seller.send<Ticket>('POST', '/api/tickets', offer)),
            ])
          : await Promise.all([
              after(round).then(() => erase(seller)),
              seller.send<Ticket>('POST', '/api/tickets', offer),
            ])
      expect(erased.status).toBe('done')
      if (listed.status === 201) await ticketIn(world.visitor(), listed.body.id, 'withdrawn')
      else expect([401, 403]).toContain(listed.status)
    }
  })
})

it('a service that does not answer keeps the account as it is', async () => {
  const member = await world.member()
  const other = await listTicket(await world.member())
  await world.settled()
  const sql = world.sql('payments')
  const blocking = await sql.reserve()
  try {
    await blocking`begin`
    await blocking`lock table erasures in exclusive mode`
    const asked = member.send<Erasure>('POST', '/api/users/me/erasure')
    await until(
      () => world.sql('orders')`select 1 from users where id = ${member.user.id} and closing is not null`,
      (rows) => rows.length === 1,
      'orders to have agreed',
    )
    expect(await member.expect(200, 'GET', '/api/users/me/erasure')).toMatchObject({ status: 'asked', reasons: [] })
    expect(refusalOf(await member.send('POST', '/api/orders', { ticketId: other.id }))).toEqual([
      403,
      'account-closing',
    ])
    await blocking`rollback`
    expect((await asked).body.status).toBe('done')
  } finally {
    blocking.release()
  }
})
