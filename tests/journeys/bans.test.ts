// What a ban ends besides sessions: the user's listings, and unpaid orders on either side of a sale.

import type { Account, Order, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { cards, payOnPage } from '../hosted-page.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  buy,
  holdAtProvider,
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
} from '../world.ts'

let world: World
let admin: Client
beforeAll(async () => {
  world = await openWorld()
  admin = await world.admin()
})
afterEach(async () => {
  await world.sandbox('DELETE', '/_sandbox/faults')
  await webhooks(world, 'deliver')
})
afterAll(() => closeWorld(world))

type Member = Awaited<ReturnType<World['member']>>
const ban = ({ user }: Member) =>
  admin.expect(204, 'POST', `/api/users/${user.id}/ban`, { reason: 'sold the same seat elsewhere' })
const unban = ({ user }: Member) => admin.expect(204, 'DELETE', `/api/users/${user.id}/ban`)

/** A seller, and a buyer who has reserved their ticket. */
async function reserved() {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  return { seller, buyer, ticket, order }
}

describe('the tickets of a banned seller', () => {
  it('are withdrawn, and not listed again when the ban is lifted; what is sold stays sold', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { ticket: sold } = await buy(world, seller, buyer)
    const tickets = [await listTicket(seller), await listTicket(seller)]
    await ban(seller)
    for (const { id } of tickets) await ticketIn(buyer, id, 'withdrawn')
    expect(await buyer.expect<Ticket[]>(200, 'GET', `/api/tickets?eventId=${sold.event!.id}`)).toEqual([])

    await unban(seller)
    await world.settled()
    const [account] = await admin.expect<Account[]>(200, 'GET', `/api/admin/users?q=${seller.user.id}`)
    expect(account).not.toHaveProperty('bannedAt')
    for (const { id } of tickets)
      expect(await buyer.expect(200, 'GET', `/api/tickets/${id}`)).toMatchObject({ status: 'withdrawn', version: 2 })
    expect(await buyer.expect(200, 'GET', `/api/tickets/${sold.id}`)).toMatchObject({ status: 'sold' })
  })

  it('that are reserved are withdrawn with their orders, and their buyers read why', async () => {
    const { seller, buyer, ticket, order } = await reserved()
    await ban(seller)
    expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe('seller-banned')
    await ticketIn(buyer, ticket.id, 'withdrawn')
    await world.settled()
    expect(refusalOf(await buyer.send('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' }))[0]).toBe(409)
  })

  it('cost nothing even if a card was entered meanwhile: the authorisation is voided', async () => {
    const { seller, buyer, ticket, order } = await reserved()
    const { url } = await buyer.expect<{ url: string }>(201, 'POST', '/api/payments', { orderId: order.id })
    await webhooks(world, 'hold')
    await payOnPage(url, cards.good)
    await ban(seller)
    expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe('seller-banned')
    await webhooks(world, 'deliver')
    await ticketIn(buyer, ticket.id, 'withdrawn')
    await until(
      () => providerSide(world, order.id),
      ({ intents, captured }) => captured === 0 && intents.every(({ status }) => status === 'canceled'),
      'the authorisation to be voided',
    )
  })

  it('go to a buyer whose payment was accepted before', async () => {
    const { seller, buyer, ticket, order } = await reserved()
    const capture = await holdAtProvider(world, 'payment_intents.capture')
    const paid = pay(buyer, order.id)
    await capture.reached()
    await ban(seller)
    await until(
      () => world.sql('orders')`select 1 from users where id = ${seller.user.id} and banned and not ban_open`,
      (rows) => rows.length === 1,
      'orders to have carried the ban out',
    )
    await capture.release()
    await paid
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
  })
})

it('what a banned buyer has reserved is for sale again', async () => {
  const { seller, buyer, ticket, order } = await reserved()
  await ban(buyer)
  await ticketIn(seller, ticket.id, 'listed')
  const story = await admin.expect<{ order: Order }>(200, 'GET', `/api/admin/orders/${order.id}`)
  expect(story.order).toMatchObject({ status: 'cancelled', reason: 'buyer-banned' })
  await reserve(await world.member(), ticket.id)
})

describe('while a session of a banned user is still accepted', () => {
  /** Makes the ban known to one service only, as between its two messages. */
  async function whileKnown(service: 'tickets' | 'orders', { user }: Member, then: () => Promise<void>) {
    await world.settled()
    await world.sql(service)`update users set banned = true where id = ${user.id}`
    try {
      await then()
    } finally {
      await world.sql(service)`update users set banned = false where id = ${user.id}`
    }
  }

  it('they cannot list a ticket', async () => {
    const seller = await world.member()
    await whileKnown('tickets', seller, async () => {
      expect(refusalOf(await seller.send('POST', '/api/tickets', { title: 'One', price: 4500 }))).toEqual([
        403,
        'banned',
      ])
    })
    await listTicket(seller)
  })

  it('they cannot reserve one, and theirs cannot be reserved', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await world.settled()
    const asked = async () => refusalOf(await buyer.send('POST', '/api/orders', { ticketId: ticket.id }))
    await whileKnown('orders', buyer, async () => expect(await asked()).toEqual([403, 'banned']))
    await whileKnown('orders', seller, async () => expect(await asked()).toEqual([409, 'seller-banned']))
    await reserve(buyer, ticket.id)
  })

  it('a ticket is not listed past a ban that is being written', async () => {
    const seller = await world.member()
    await world.settled()
    const listing = await whileWritten(seller, 'row', () =>
      seller.send('POST', '/api/tickets', { title: 'One', price: 4500 }),
    )
    expect(refusalOf(listing)).toEqual([403, 'banned'])
    await world.sql('tickets')`update users set banned = false where id = ${seller.user.id}`
  })

  it('a ban waits for a ticket that is being listed, and so finds it', async () => {
    const seller = await world.member()
    await world.settled()
    const sql = world.sql('tickets')
    const waiter = (pid: number) =>
      until(
        () => sql<{ pid: number }[]>`select pid from pg_stat_activity where ${pid} = any (pg_blocking_pids(pid))`,
        (rows) => rows.length > 0,
        `somebody to wait for ${pid}`,
      )
    const [holding, writing] = [await sql.reserve(), await sql.reserve()]
    try {
      const [own] = await holding<{ pid: number }[]>`select pg_backend_pid() as pid`
      await holding`begin`
      await holding`lock table outbox in exclusive mode`
      const listing = seller.send<Ticket>('POST', '/api/tickets', { title: 'One', price: 4500 })
      const [listener] = await waiter(own!.pid)
      const ban = writing`update users set banned = true, ban_open = true where id = ${seller.user.id}`.execute()
      await waiter(listener!.pid)
      await holding`commit`
      expect((await listing).status).toBe(201)
      await ban
      await world.clock.advance(1_000)
      await ticketIn(seller, (await listing).body.id, 'withdrawn')
    } finally {
      holding.release()
      writing.release()
    }
    await world.sql('tickets')`update users set banned = false where id = ${seller.user.id}`
  })

  it('a ticket is not listed again past a ban that is being written, when its order ends', async () => {
    const { seller, buyer, ticket, order } = await reserved()
    await world.settled()
    await whileWritten(seller, 'table', () => buyer.expect(204, 'DELETE', `/api/orders/${order.id}`))
    await ticketIn(buyer, ticket.id, 'withdrawn')
    await world.sql('tickets')`update users set banned = false where id = ${seller.user.id}`
  })

  /**
   * Runs `what` while tickets writes a ban, and commits the ban once `what` waits for it. A transaction that
   * has written keeps messages from being read, so for effects of a message the table is locked first.
   */
  async function whileWritten<T>({ user }: Member, lock: 'row' | 'table', what: () => Promise<T>): Promise<T> {
    const sql = world.sql('tickets')
    const writing = await sql.reserve()
    try {
      await writing`begin`
      const [own] = await writing<{ pid: number }[]>`select pg_backend_pid() as pid`
      const write = () => writing`update users set banned = true where id = ${user.id}`
      await (lock === 'row' ? write() : writing`lock table users in exclusive mode`)
      const doing = what()
      doing.catch(() => {})
      await until(
        () => sql`select 1 from pg_stat_activity where ${own!.pid} = any (pg_blocking_pids(pid))`,
        (rows) => rows.length > 0,
        'something to wait for the ban',
      )
      await write()
      await writing`commit`
      return await doing
    } finally {
      writing.release()
    }
  }
})
