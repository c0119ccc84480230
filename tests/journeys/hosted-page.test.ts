// Paying on the provider's page: a repeated request returns the same page, it ends with the order, and no buyer
// is charged without getting the ticket.

import type { Order, Payment } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { answer3ds, cards, payOnPage, visit } from '../hosted-page.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  holdAtProvider,
  known,
  listTicket,
  openWorld,
  orderIn,
  orderWithin,
  pay,
  payable,
  refusalOf,
  reserve,
  ticketIn,
  type World,
  webhooks,
} from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterEach(async () => {
  await world.sandbox('DELETE', '/_sandbox/faults')
  await webhooks(world, 'deliver')
})
afterAll(() => closeWorld(world))

async function orderToPay(price = 4500, currency = 'eur') {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller, { price, currency })
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  return { seller, buyer, ticket, order }
}
const openPage = (buyer: Client, order: Order) =>
  buyer.expect<Payment & { url: string }>(201, 'POST', '/api/payments', { orderId: order.id })
const refresh = (buyer: Client, payment: Payment) =>
  buyer.expect<Payment>(200, 'POST', `/api/payments/${payment.id}/refresh`)
const paymentsOf = (buyer: Client, order: Order) =>
  buyer.expect<Payment[]>(200, 'GET', `/api/payments?orderId=${order.id}`)
const sessions = async () =>
  (
    await world.sandbox<{ sessions: { id: string; status: string; metadata: Record<string, string> }[] }>(
      'GET',
      '/_sandbox/state',
    )
  ).sessions
const sessionsOf = async (order: Order) => (await sessions()).filter(({ metadata }) => metadata.order_id === order.id)
const pageEnded = (order: Order) =>
  until(
    () => sessionsOf(order),
    (all) => all.every(({ status }) => status === 'expired'),
    'the page to be ended',
  )

describe('an order that is paid on the page', () => {
  it('is complete, and the buyer comes back to it [P7]', async () => {
    const { buyer, ticket, order } = await orderToPay()
    const page = await openPage(buyer, order)
    expect(page).toMatchObject({ status: 'created', amount: 4500, currency: 'eur' })
    const back = await payOnPage(page.url)
    expect(back).toMatchObject({ status: 303 })
    expect(back.location).toMatch(new RegExp(`/orders/${order.id}\\?payment=${page.id}$`))
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
    expect((await paymentsOf(buyer, order)).map(({ status, url }) => [status, url])).toEqual([['captured', undefined]])
    expect(await providerSide(world, order.id)).toMatchObject({ captures: 1, captured: 4500 })
    expect(refusalOf(await buyer.send('POST', '/api/payments', { orderId: order.id }))).toEqual([409, 'already-paid'])
  })

  it('shows what is bought for how much, and the way back to the order', async () => {
    const { buyer, order } = await orderToPay(1500, 'jpy')
    const { html } = await visit((await openPage(buyer, order)).url)
    expect(html).toContain('Two seats in the stalls')
    expect(html).toContain('The Winter Concert, Great Hall')
    expect(html).toContain('¥1,500')
    expect(html).toMatch(new RegExp(`href="[^"]*/orders/${order.id}"`))
  })

  it('after the bank has asked the cardholder [P7]', async () => {
    const { buyer, order } = await orderToPay()
    const asked = await payOnPage((await openPage(buyer, order)).url, cards.asksFor3ds)
    await orderIn(buyer, order.id, 'awaiting:payment')
    const back = await answer3ds(asked.location!, 'complete')
    expect(back.location).toContain(`/orders/${order.id}`)
    await orderIn(buyer, order.id, 'complete')
  })

  it('after cards that were declined there: the page stays open, and none of them counts against the order [P5]', async () => {
    const { buyer, order } = await orderToPay()
    const { url } = await openPage(buyer, order)
    for (let attempt = 1; attempt <= 4; attempt++)
      expect((await payOnPage(url, cards.declined)).html).toContain('declined')
    const asked = await payOnPage(url, cards.asksFor3ds)
    await answer3ds(asked.location!, 'fail')
    await world.settled()
    expect((await openPage(buyer, order)).url).toBe(url)
    await payOnPage(url)
    await orderIn(buyer, order.id, 'complete')
    expect((await paymentsOf(buyer, order)).map(({ status }) => status)).toEqual(['captured'])
  })

  it('without a webhook is complete as soon as the buyer is back', async () => {
    await webhooks(world, 'drop')
    const { buyer, order } = await orderToPay()
    const page = await openPage(buyer, order)
    await payOnPage(page.url)
    expect((await refresh(buyer, page)).status).not.toBe('created')
    await orderIn(buyer, order.id, 'complete')
  })

  it('without a webhook, by a buyer who does not come back, is complete within a minute', async () => {
    await webhooks(world, 'drop')
    const { buyer, order } = await orderToPay()
    await payOnPage((await openPage(buyer, order)).url)
    await orderWithin(world, 59, buyer, order.id, 'complete')
  })
})

describe('the page', () => {
  it('is the same one however often it is requested, and twenty simultaneous requests create one [P2]', async () => {
    const { buyer, order } = await orderToPay()
    const pages = await Promise.all(Array.from({ length: 20 }, () => openPage(buyer, order)))
    pages.push(await openPage(buyer, order))
    expect(new Set(pages.map(({ url }) => url)).size).toBe(1)
    expect(await sessionsOf(order)).toHaveLength(1)
  })

  it('is for the buyer of the order only', async () => {
    const { seller, order } = await orderToPay()
    for (const client of [seller, await world.member()])
      expect(refusalOf(await client.send('POST', '/api/payments', { orderId: order.id }))).toEqual([403, 'forbidden'])
  })

  it('ends with the order: it can no longer be paid [P1]', async () => {
    const { seller, buyer, ticket, order } = await orderToPay()
    const { url } = await openPage(buyer, order)
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await pageEnded(order)
    const late = await payOnPage(url)
    expect(late.status).toBeGreaterThanOrEqual(400)
    await ticketIn(seller, ticket.id, 'listed')
    await world.settled()
    expect(await providerSide(world, order.id)).toMatchObject({ intents: [], captured: 0 })
    expect((await paymentsOf(buyer, order)).map(({ status }) => status)).toEqual(['voided'])
  })

  it('ends when the window does [P1]', async () => {
    const { buyer, order } = await orderToPay()
    await openPage(buyer, order)
    await world.clock.advance(901_000)
    expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe('expired')
    await pageEnded(order)
  })

  it('that is being created while the buyer cancels is ended as soon as it exists [P1]', async () => {
    const { buyer, order } = await orderToPay()
    const { reached, release } = await holdAtProvider(world, 'checkout.sessions.create')
    const asked = buyer.send('POST', '/api/payments', { orderId: order.id })
    await reached()
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await known(world, order.id, 'cancelled')
    await release()
    expect(refusalOf(await asked)).toEqual([409, 'order-not-payable'])
    await pageEnded(order)
  })

  it('whose response is lost is the same one after a restart [P3]', async () => {
    const { buyer, order } = await orderToPay()
    await world.sandbox('POST', '/_sandbox/faults', {
      route: 'checkout.sessions.create',
      kind: 'drop-after-commit',
      times: -1,
    })
    const unsure = await buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id })
    expect(unsure.url).toBeUndefined()
    await world.stack.stopService('payments')
    await world.sandbox('DELETE', '/_sandbox/faults')
    await world.stack.startService('payments')
    await world.clock.advance(60_000)
    const page = await openPage(buyer, order)
    expect(page.id).toBe(unsure.id)
    expect(await sessionsOf(order)).toHaveLength(1)
    await payOnPage(page.url)
    await orderIn(buyer, order.id, 'complete')
  })

  it('that the provider will not open is reported, and the order can still be paid', async () => {
    const { buyer, order } = await orderToPay()
    await world.sandbox('POST', '/_sandbox/faults', { route: 'checkout.sessions.create', kind: 'status', status: 400 })
    expect(refusalOf(await buyer.send('POST', '/api/payments', { orderId: order.id }))).toEqual([
      409,
      'payment-refused',
    ])
    await payOnPage((await openPage(buyer, order)).url)
    await orderIn(buyer, order.id, 'complete')
  })

  it('is ended by a card token, which then pays', async () => {
    const { buyer, order } = await orderToPay()
    const { url } = await openPage(buyer, order)
    await pay(buyer, order.id)
    await orderIn(buyer, order.id, 'complete')
    expect((await payOnPage(url)).status).toBeGreaterThanOrEqual(400)
    expect((await paymentsOf(buyer, order)).map(({ status }) => status)).toEqual(['captured', 'voided'])
    expect(await providerSide(world, order.id)).toMatchObject({ captures: 1, captured: 4500 })
  })

  it('that was paid on beats a card token that comes after it', async () => {
    const { buyer, order } = await orderToPay()
    await webhooks(world, 'drop')
    await payOnPage((await openPage(buyer, order)).url)
    const token = await buyer.send('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
    expect(refusalOf(token)).toEqual([409, 'already-paid'])
    await orderIn(buyer, order.id, 'complete')
    expect(await providerSide(world, order.id)).toMatchObject({ captures: 1, captured: 4500 })
  })

  it('that has expired is followed by another, in an order whose window is longer', async () => {
    await using long = await openWorld({ ORDER_WINDOW_SECONDS: 3 * 60 * 60 })
    const [seller, buyer] = [await long.member(), await long.member()]
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await payable(long, order.id)
    const first = await openPage(buyer, order)
    // The page lives as long as the order, so only the provider can end it early.
    const id = (await long.sandbox<{ sessions: { id: string }[] }>('GET', '/_sandbox/state')).sessions[0]!.id
    await fetch(`${long.stack.sandboxUrl}/v1/checkout/sessions/${id}/expire`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_sandbox' },
    })
    await until(
      () => buyer.expect<Payment>(200, 'GET', `/api/payments/${first.id}`),
      ({ status }) => status === 'voided',
      'the end of the page to be known',
    )
    const second = await openPage(buyer, order)
    expect(second.id).not.toBe(first.id)
    await payOnPage(second.url)
    await orderIn(buyer, order.id, 'complete')
  })
})

describe('a refresh', () => {
  it('of a settled payment changes nothing, and of an unknown one says so', async () => {
    const { buyer, order } = await orderToPay()
    const page = await openPage(buyer, order)
    await payOnPage(page.url)
    await orderIn(buyer, order.id, 'complete')
    const [before] = await paymentsOf(buyer, order)
    for (let time = 1; time <= 3; time++) expect(await refresh(buyer, page)).toEqual(before)
    const none = await buyer.send('POST', '/api/payments/01900000-0000-7000-8000-000000000000/refresh')
    expect(refusalOf(none)).toEqual([404, 'not-found'])
  })

  it('while the provider is down returns what is known', async () => {
    const { buyer, order } = await orderToPay()
    const page = await openPage(buyer, order)
    await world.sandbox('POST', '/_sandbox/faults', {
      route: 'checkout.sessions.retrieve',
      kind: 'status',
      status: 503,
      times: -1,
    })
    expect((await refresh(buyer, page)).status).toBe('created')
  })
})
