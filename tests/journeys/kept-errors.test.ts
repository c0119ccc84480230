// The provider stores its first answer to a key, even its own error, so that key never yields another. We look
// the object up, and create it under the next key if it is missing, so it is done once.

import type { Order, Payment, Refund, Ticket } from '@aisle/contracts/entities'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { payOnPage } from '../hosted-page.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  buy,
  inTime,
  listTicket,
  openWorld,
  orderIn,
  orderInTime,
  pay,
  payable,
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

type Sale = { seller: Client; buyer: Client; ticket: Ticket; order: Order }
const takenOnce = { intents: [{ status: 'succeeded', amount: 4500 }], captures: 1, captured: 4500 }

async function waiting(): Promise<Sale> {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  return { seller, buyer, ticket, order }
}
const openPage = (buyer: Client, { id }: Order) =>
  buyer.expect<Payment & { url: string }>(201, 'POST', '/api/payments', { orderId: id })
const voided = (buyer: Client, { id }: Payment) =>
  inTime(
    world,
    () => buyer.expect<Payment>(200, 'GET', `/api/payments/${id}`),
    ({ status }) => status === 'voided',
    'the payment to be voided',
  )
const sold = async ({ buyer, ticket, order }: Sale) => {
  await orderInTime(world, buyer, order.id, 'complete')
  await ticketIn(buyer, ticket.id, 'sold')
  expect(await providerSide(world, order.id)).toMatchObject(takenOnce)
}

describe.each([
  ['before anything is done', 'before'],
  ['after all is done', 'after'],
])('an error from the provider, %s', (_, when) => {
  const breaks = (route: string) =>
    world.sandbox('POST', '/_sandbox/faults', { route, kind: 'status', status: 500, when, times: 1 })

  it('when a card is authorised: it is authorised once, and the ticket is sold', async () => {
    const sale = await waiting()
    await webhooks(world, 'drop')
    await breaks('payment_intents.create')
    await pay(sale.buyer, sale.order.id)
    await sold(sale)
  })

  it('when the page is opened: there is one page, and it is paid on', async () => {
    const sale = await waiting()
    await breaks('checkout.sessions.create')
    expect((await openPage(sale.buyer, sale.order)).url).toBeUndefined()
    await inTime(
      world,
      () => world.sql('payments')`select 1 from payments where order_id = ${sale.order.id} and page_url is not null`,
      (opened) => opened.length === 1,
      'the page',
    )
    await payOnPage((await openPage(sale.buyer, sale.order)).url)
    await sold(sale)
    const { sessions } = await world.sandbox<{ sessions: { metadata: Record<string, string> }[] }>(
      'GET',
      '/_sandbox/state',
    )
    expect(sessions.filter(({ metadata }) => metadata.order_id === sale.order.id)).toHaveLength(1)
  })

  it('when the money is captured: it is captured once', async () => {
    const sale = await waiting()
    await webhooks(world, 'drop')
    await breaks('payment_intents.capture')
    await pay(sale.buyer, sale.order.id)
    await sold(sale)
  })

  it('when a page is ended: it is ended', async () => {
    const { buyer, order } = await waiting()
    const page = await openPage(buyer, order)
    await webhooks(world, 'drop')
    await breaks('checkout.sessions.expire')
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await voided(buyer, page)
    expect((await payOnPage(page.url)).status).toBe(410)
  })

  it('when an authorisation is voided: it is voided', async () => {
    const { buyer, order } = await waiting()
    const page = await openPage(buyer, order)
    await webhooks(world, 'drop')
    await payOnPage(page.url)
    await breaks('payment_intents.cancel')
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await voided(buyer, page)
    expect(await providerSide(world, order.id)).toMatchObject({ intents: [{ status: 'canceled' }], captured: 0 })
  })

  it('when money is refunded: it is refunded once', async () => {
    const { seller, buyer, payment, order } = await buyAs()
    await webhooks(world, 'drop')
    await breaks('refunds.create')
    const refund = await seller.expect<Refund>(201, 'POST', `/api/payments/${payment.id}/refunds`, { amount: 1200 })
    expect(refund.status).toBe('pending')
    await inTime(
      world,
      () => buyer.expect<Payment>(200, 'GET', `/api/payments/${payment.id}`),
      ({ amountRefunded }) => amountRefunded > 0,
      'the refund',
    )
    await world.settled()
    expect(await providerSide(world, order.id)).toMatchObject({ ...takenOnce, refunded: 1200 })
  })
})

async function buyAs() {
  const [seller, buyer] = [await world.member(), await world.member()]
  const sale = await buy(world, seller, buyer)
  await orderIn(buyer, sale.order.id, 'complete')
  return { seller, buyer, ...sale }
}
