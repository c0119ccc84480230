// An attacker who tests stolen cards: how many they can try, across how many orders, and what honest buyers can
// still do meanwhile.

import type { Problem } from '@aisle/contracts/endpoint'
import type { Order, Payment, User } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { cards, payOnPage } from '../hosted-page.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, orderIn, payable, refusalOf, reserve, type World } from '../world.ts'

const hour = 60 * 60 * 1000
const bad = 'tok_chargeDeclined'

let world: World
let seller: Client
beforeAll(async () => {
  // Windows that do not end while an hour passes.
  world = await openWorld({ ORDER_WINDOW_SECONDS: 4 * 60 * 60 })
  seller = await world.member()
})
afterEach(() => world.sandbox('DELETE', '/_sandbox/faults'))
afterAll(() => closeWorld(world))

async function orderFor(buyer: Client, in_ = world, from = seller): Promise<Order> {
  const order = await reserve(buyer, (await listTicket(from)).id)
  await payable(in_, order.id)
  return order
}
const tryCard = (buyer: Client, order: Order, token: string | undefined = bad) =>
  buyer.send<Omit<Payment, 'status'> & Problem>('POST', '/api/payments', {
    orderId: order.id,
    ...(token ? { token } : {}),
  })
const openPage = (buyer: Client, order: Order) =>
  buyer.send<Omit<Payment, 'status'> & Problem>('POST', '/api/payments', { orderId: order.id })

/** Has `count` tokens declined, across as many orders as that takes. */
async function declineTokens(buyer: Client, count: number, in_ = world, from = seller): Promise<Order> {
  for (let left = count; ; left -= 3) {
    const order = await orderFor(buyer, in_, from)
    for (let i = 0; i < Math.min(left, 3); i++)
      expect(refusalOf(await tryCard(buyer, order))).toEqual([402, 'card-declined'])
    if (left < 3) return order
  }
}
const declinesOf = async ({ user }: { user: User }): Promise<number> => {
  const [row] = await world.sql('payments')<{ count: number }[]>`
    select count(*)::int as count from declines where buyer_id = ${user.id}`
  return row!.count
}

describe('a buyer with six declined cards in an hour', () => {
  it('may pay only on the provider’s page, which asks the bank; and by token again once the hour is over', async () => {
    const buyer = await world.member()
    await declineTokens(buyer, 6)
    const order = await orderFor(buyer)
    const refused = await tryCard(buyer, order, 'tok_visa')
    expect(refusalOf(refused)).toEqual([429, 'too-many-declines'])
    expect([refused.headers.get('retry-after'), refused.body.retryAfterSeconds]).toEqual(['3600', 3600])
    const page = await openPage(buyer, order)
    expect(page.status).toBe(201)
    const [call] = await world.sql('payments')<{ data: { request: object } }[]>`
      select data from work where subject = ${page.body.id}`
    expect(call?.data.request).toMatchObject({
      payment_method_options: { card: { request_three_d_secure: 'any' } },
    })
    // The page stays open while a token is refused.
    expect(refusalOf(await tryCard(buyer, order, 'tok_visa'))).toEqual([429, 'too-many-declines'])
    await payOnPage(page.body.url!, cards.good)
    await orderIn(buyer, order.id, 'complete')

    const other = await orderFor(buyer)
    await world.clock.advance(hour - 1_000)
    expect((await tryCard(buyer, other, 'tok_visa')).headers.get('retry-after')).toBe('1')
    await world.clock.advance(1_000)
    expect((await tryCard(buyer, other, 'tok_visa')).status).toBe(201)
  })

  it('gets no extra attempt by trying them all at once', async () => {
    const buyer = await world.member()
    const orders = []
    for (let i = 0; i < 12; i++) orders.push(await orderFor(buyer))
    const replies = await Promise.all(orders.map((order) => tryCard(buyer, order)))
    const codes = Map.groupBy(replies, ({ body }) => body.code)
    expect(codes.get('card-declined')?.length).toBeLessThanOrEqual(6)
    for (const code of codes.keys())
      expect(['card-declined', 'payment-in-progress', 'too-many-declines']).toContain(code)
    for (const order of orders) await tryCard(buyer, order)
    expect(await declinesOf(buyer)).toBe(6)
  })

  it('does not affect other buyers', async () => {
    const [thief, buyer] = [await world.member(), await world.member()]
    await declineTokens(thief, 6)
    expect((await tryCard(buyer, await orderFor(buyer), 'tok_visa')).status).toBe(201)
  })
})

describe('a buyer with twelve declined cards in an hour', () => {
  it('cannot pay anywhere: the page is ended with the last of them, and no other is opened', async () => {
    const buyer = await world.member()
    await declineTokens(buyer, 6)
    const order = await orderFor(buyer)
    const { body: page } = await openPage(buyer, order)
    for (let i = 0; i < 6; i++) {
      expect((await payOnPage(page.url!, cards.declined)).html).toContain('declined')
      await world.settled()
    }
    const payments = () => buyer.expect<Payment[]>(200, 'GET', `/api/payments?orderId=${order.id}`)
    await until(payments, ([payment]) => payment?.status === 'voided', 'the page to be ended')
    const refused = await openPage(buyer, order)
    expect(refusalOf(refused)).toEqual([429, 'too-many-declines'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await world.clock.advance(hour)
    expect((await openPage(buyer, order)).status).toBe(201)
  })

  it('is counted once per card, however often the webhook arrives', async () => {
    const buyer = await world.member()
    const order = await orderFor(buyer)
    const { body: page } = await openPage(buyer, order)
    for (let i = 0; i < 2; i++) await payOnPage(page.url!, cards.declined)
    await until(
      () => declinesOf(buyer),
      (count) => count === 2,
      'both cards to be counted',
    )
    await world.sandbox('POST', '/_sandbox/webhooks/deliver', { status: 'delivered' })
    await world.settled()
    expect(await declinesOf(buyer)).toBe(2)
    // A declined token is counted by its response, not by the webhook that also arrives.
    const other = await world.member()
    await declineTokens(other, 1)
    await world.settled()
    expect(await declinesOf(other)).toBe(1)
  })
})

describe('an address with twelve declined cards in an hour', () => {
  it('is limited to the provider’s page, which asks the bank', async () => {
    await using limited = await openWorld({ RATE_LIMIT: '100000', SIGN_UPS_PER_HOUR: 100 })
    const from = await limited.member()
    for (let i = 0; i < 4; i++) await declineTokens(await limited.member(), 3, limited, from)
    const buyer = await limited.member()
    const order = await orderFor(buyer, limited, from)
    expect(refusalOf(await tryCard(buyer, order, 'tok_visa'))).toEqual([429, 'too-many-declines'])
    const page = await openPage(buyer, order)
    expect(page.status).toBe(201)
    await payOnPage(page.body.url!, cards.good)
    await orderIn(buyer, order.id, 'complete')
    await limited.settled()
  })
})

describe('where no tokens are taken', () => {
  it.each([{ PAY_BY_TOKEN: 'off' }])('a token is refused with a message, and the page is open', async (config) => {
    await using closed = await openWorld(config)
    const [from, buyer] = [await closed.member(), await closed.member()]
    const order = await orderFor(buyer, closed, from)
    const refused = await tryCard(buyer, order, 'tok_visa')
    expect(refusalOf(refused)).toEqual([422, 'pay-on-page'])
    expect((await openPage(buyer, order)).status).toBe(201)
    await closed.settled()
  })
})

describe('the address of an open payment page', () => {
  it('is shown to its buyer, and neither to the seller nor to an admin', async () => {
    const buyer = await world.member()
    const order = await orderFor(buyer)
    const { body: page } = await openPage(buyer, order)
    const admin = await world.admin()
    const urlsFor = async (client: Client) => [
      (await client.expect<Payment>(200, 'GET', `/api/payments/${page.id}`)).url,
      (await client.expect<Payment[]>(200, 'GET', `/api/payments?orderId=${order.id}`))[0]?.url,
      (await client.expect<Payment>(200, 'POST', `/api/payments/${page.id}/refresh`)).url,
    ]
    expect(await urlsFor(buyer)).toEqual([page.url, page.url, page.url])
    for (const other of [seller, admin]) expect(await urlsFor(other)).toEqual([undefined, undefined, undefined])
    const story = await admin.expect<{ payments: Payment[] }>(200, 'GET', `/api/admin/payments?orderId=${order.id}`)
    expect(story.payments.map(({ url }) => url)).toEqual([undefined])
  })
})
