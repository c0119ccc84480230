// What an admin sees: accounts, tickets, orders with their story, what sellers have sold, and dead letters.

import { services } from '@aisle/contracts/endpoint'
import type { Account, FailedItem, Order, OrderRecord, Sale, Step, Ticket } from '@aisle/contracts/entities'
import { TicketCreated } from '@aisle/contracts/messages/tickets'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { payOnPage } from '../hosted-page.ts'
import { closeWorld } from '../invariants.ts'
import { envelope, ticketState } from '../one-service.ts'
import { buy, listTicket, openWorld, orderIn, payable, reserve, type World } from '../world.ts'

let world: World
let admin: Client
beforeAll(async () => {
  world = await openWorld({ PLATFORM_FEE_BASIS_POINTS: 500 })
  admin = await world.admin()
})
afterAll(() => closeWorld(world))

const get = <T>(path: string) => admin.expect<T>(200, 'GET', path)

describe('accounts', () => {
  it('are found by the beginning of their email or by id, and show who is banned and why', async () => {
    const user = await world.member('Ada Account')
    await world.member('Ad Other')
    expect((await get<Account[]>('/api/admin/users?q=ADA.account')).map(({ id }) => id)).toEqual([user.user.id])
    expect(await get<Account[]>('/api/admin/users?q=%25')).toEqual([])
    await admin.expect(204, 'POST', `/api/users/${user.user.id}/ban`, { reason: 'sold the same seat elsewhere' })
    const [banned] = await get<Account[]>(`/api/admin/users?q=${user.user.id}`)
    expect(banned).toMatchObject({
      role: 'user',
      banReason: 'sold the same seat elsewhere',
      bannedAt: expect.any(String),
    })
    expect(JSON.stringify(banned)).not.toContain('argon2')
  })

  it('come in pages, newest first', async () => {
    const [older, newer] = [await world.member('Page One'), await world.member('Page Two')]
    const first = await admin.send<Account[]>('GET', '/api/admin/users?q=page&limit=1')
    expect(first.body.map(({ id }) => id)).toEqual([newer.user.id])
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1]
    expect((await get<Account[]>(next!)).map(({ id }) => id)).toEqual([older.user.id])
  })
})

it('tickets are seen in every status, by seller', async () => {
  const seller = await world.member()
  const [kept, gone] = [await listTicket(seller), await listTicket(seller)]
  await seller.expect(204, 'DELETE', `/api/tickets/${gone.id}`)
  const of = async (query: string) =>
    (await get<Ticket[]>(`/api/admin/tickets?sellerId=${seller.user.id}${query}`)).map(({ id, status }) => [id, status])
  expect(await of('')).toEqual([
    [gone.id, 'withdrawn'],
    [kept.id, 'listed'],
  ])
  expect(await of('&status=withdrawn')).toEqual([[gone.id, 'withdrawn']])
})

describe('an order', () => {
  it('tells its whole story: every status, every call to the provider, the money', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    const { url } = await buyer.expect<{ url: string }>(201, 'POST', '/api/payments', { orderId: order.id })
    await world.clock.advance(30_000)
    await payOnPage(url)
    await orderIn(buyer, order.id, 'complete')
    const [sale] = await seller.expect<Sale[]>(200, 'GET', '/api/payments/sales')
    expect(sale).toMatchObject({ ticketId: ticket.id, title: ticket.title, payment: { status: 'captured' } })
    await seller.expect(201, 'POST', `/api/payments/${sale!.payment.id}/refunds`, {})
    await orderIn(buyer, order.id, 'refunded')
    await world.settled()

    const story = await get<{ order: OrderRecord; steps: Step[] }>(`/api/admin/orders/${order.id}`)
    expect(story.order).toMatchObject({ buyerId: buyer.user.id, sellerId: seller.user.id, paymentId: sale!.payment.id })
    expect(story.steps.map(({ what }) => what)).toEqual([
      'created',
      'awaiting:payment',
      'paying',
      'complete',
      'refunded',
    ])
    const money = await get<{ payments: unknown[]; steps: Step[] }>(`/api/admin/payments?orderId=${order.id}`)
    expect(money.payments).toHaveLength(1)
    const told = money.steps.map(({ kind, what }) => `${kind} ${what}`)
    for (const step of [
      'payment attempt 1 by page',
      'call open-page done',
      'webhook checkout.session.completed',
      'call capture done',
      'ledger sale',
      'ledger capture',
      'refund succeeded',
      'ledger payback',
    ])
      expect(told).toContain(step)
    expect(told.indexOf('call open-page done')).toBeLessThan(told.indexOf('call capture done'))
    const times = [...story.steps, ...money.steps].map(({ at }) => at)
    expect(times.every((at) => !Number.isNaN(Date.parse(at)))).toBe(true)
  })

  it('that was lost says why', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await world.clock.advance(901_000)
    await orderIn(buyer, order.id, 'cancelled')
    const { steps } = await get<{ steps: Step[] }>(`/api/admin/orders/${order.id}`)
    expect(steps.at(-1)).toMatchObject({ what: 'cancelled', detail: 'expired' })
  })

  it('is found by its buyer, ticket and status', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { order, ticket } = await buy(world, seller, buyer)
    for (const query of [`buyerId=${buyer.user.id}`, `ticketId=${ticket.id}`, `ticketId=${ticket.id}&status=complete`])
      expect((await get<Order[]>(`/api/admin/orders?${query}`)).map(({ id }) => id)).toEqual([order.id])
    expect(await get(`/api/admin/orders?ticketId=${ticket.id}&status=cancelled`)).toEqual([])
    expect((await admin.send('GET', `/api/admin/orders/${newId()}`)).status).toBe(404)
    expect((await admin.send('GET', `/api/admin/payments?orderId=${newId()}`)).status).toBe(404)
  })
})

it('dead letters are listed, and retried on request', async () => {
  // A message that no consumer can read, as a broken publisher would write it.
  const whole = ticketState()
  const bad = { ...envelope(TicketCreated, whole.id, whole), data: { id: whole.id } }
  await world.sql('tickets')`insert into outbox (message) values (${JSON.stringify(bad)}::text::json)`
  await world.sql('tickets')`select pg_notify('outbox', '')`
  const parked = () => get<FailedItem[]>('/api/admin/messages/orders')
  const [seen] = await until(
    parked,
    (found) => found.some(({ state }) => state === 'parked'),
    'the message to be parked',
  )
  expect(seen).toMatchObject({ id: bad.id, publisher: 'tickets', type: 'ticket:created', error: expect.any(String) })
  expect(await admin.expect(200, 'POST', '/api/admin/messages/orders/replays', { id: newId() })).toEqual({
    replayed: 0,
  })
  expect(await admin.expect(200, 'POST', '/api/admin/messages/orders/replays', { id: bad.id })).toEqual({ replayed: 1 })
  await until(parked, ([again]) => again?.state === 'retrying', 'the message to be tried again')
  await world.sql('orders')`delete from parked_messages where message_id = ${bad.id}`
  for (const service of services.filter((name) => name !== 'orders'))
    expect(await get(`/api/admin/messages/${service}`)).toEqual([])
})
