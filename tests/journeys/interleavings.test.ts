// The races of a sale, each forced. There are two valid ends: a sold ticket that is paid for once, or a ticket
// for sale again and no charge. The numbers are those of docs/payments.md.

import type { Order, Payment, Refund, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { cards, payOnPage } from '../hosted-page.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  holdAtProvider,
  inTime,
  known,
  listTicket,
  openWorld,
  orderIn,
  orderInTime,
  payable,
  refusalOf,
  reserve,
  ticketIn,
  type World,
  webhooks,
} from '../world.ts'

const windowMs = 900_000

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterEach(async () => {
  await world.sandbox('DELETE', '/_sandbox/faults')
  await webhooks(world, 'deliver')
})
afterAll(() => closeWorld(world))

type Sale = { seller: Client; buyer: Client; ticket: Ticket; order: Order; page: Payment & { url: string } }

async function atThePage(): Promise<Sale> {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  return { seller, buyer, ticket, order, page: await openPage(buyer, order) }
}
const openPage = (buyer: Client, order: Order) =>
  buyer.expect<Payment & { url: string }>(201, 'POST', '/api/payments', { orderId: order.id })
const paymentOf = (buyer: Client, { id }: Payment) => buyer.expect<Payment>(200, 'GET', `/api/payments/${id}`)
const refresh = (buyer: Client, { id }: Payment) => buyer.expect<Payment>(200, 'POST', `/api/payments/${id}/refresh`)

/** Moves time to `ms` after the order was placed. */
const timeIs = (order: Order, ms: number) =>
  world.clock.advance(new Date(order.expiresAt).getTime() - windowMs + ms - world.clock.now().getTime())

async function isSold({ seller, buyer, ticket, order }: Sale) {
  await orderIn(buyer, order.id, 'complete')
  await ticketIn(seller, ticket.id, 'sold')
  await world.settled()
  expect(await providerSide(world, order.id)).toMatchObject({ captures: 1, captured: 4500, refunded: 0 })
}
async function isLost({ seller, buyer, ticket, order }: Sale, reason: Order['reason']) {
  expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe(reason)
  await ticketIn(seller, ticket.id, 'listed')
  await world.settled()
  const provider = await until(
    () => providerSide(world, order.id),
    ({ intents }) => intents.every(({ status }) => status !== 'requires_capture'),
    'the authorisation to be let go',
  )
  expect(provider).toMatchObject({ captured: 0 })
}

describe('1: authorised, then the window runs out', () => {
  it.each([
    ['14:59', 899_000],
    ['15:00 less a millisecond', 899_999],
  ])('at %s the payment is in time: the expiry that follows is ignored', async (_, paidAt) => {
    const sale = await atThePage()
    await timeIs(sale.order, paidAt)
    await payOnPage(sale.page.url)
    await known(world, sale.order.id, 'paying').catch(() => {})
    await until(
      () => sale.buyer.expect<Order>(200, 'GET', `/api/orders/${sale.order.id}`),
      ({ status }) => status !== 'awaiting:payment',
      'the order to know of the payment',
    )
    await timeIs(sale.order, 901_000)
    await isSold(sale)
  })
})

describe('2: the window runs out, then authorised', () => {
  it.each([
    ['15:00', 900_000],
    ['15:01', 901_000],
  ])('at %s it is too late: voided, and the buyer reads that they were not charged', async (_, paidAt) => {
    const sale = await atThePage()
    // Our request to end the page is delayed, so the buyer still finds it open.
    const { reached, release } = await holdAtProvider(world, 'checkout.sessions.expire')
    await timeIs(sale.order, paidAt)
    await orderIn(sale.buyer, sale.order.id, 'cancelled')
    await reached()
    await payOnPage(sale.page.url)
    await release()
    await isLost(sale, 'expired')
    expect((await paymentOf(sale.buyer, sale.page)).status).toBe('voided')
    const again = await sale.buyer.send('POST', '/api/payments', { orderId: sale.order.id })
    expect(refusalOf(again)).toEqual([409, 'order-not-payable'])
  })
})

it('3: expire and pay at the same instant: one of the two, never both, never a charge without a ticket', async () => {
  const ends = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const sale = await atThePage()
      return sale
    }),
  )
  const last = ends.at(-1)!
  await timeIs(last.order, windowMs - 1)
  await Promise.all([...ends.map(({ page }) => payOnPage(page.url)), world.clock.advance(2_000)])
  for (const sale of ends) {
    const { status } = await until(
      () => sale.buyer.expect<Order>(200, 'GET', `/api/orders/${sale.order.id}`),
      (order) => order.status === 'complete' || order.status === 'cancelled',
      'the order to have ended',
    )
    if (status === 'complete') await isSold(sale)
    else await isLost(sale, 'expired')
  }
})

describe('4: the buyer cancels while another tab pays', () => {
  it('cancelled first: voided', async () => {
    const sale = await atThePage()
    await webhooks(world, 'hold')
    await payOnPage(sale.page.url)
    await sale.buyer.expect(204, 'DELETE', `/api/orders/${sale.order.id}`)
    await world.sandbox('POST', '/_sandbox/webhooks/deliver', {})
    await isLost(sale, 'buyer')
  })

  it('accepted first: cancelling is 409', async () => {
    const sale = await atThePage()
    const { reached, release } = await holdAtProvider(world, 'payment_intents.capture')
    await payOnPage(sale.page.url)
    await reached()
    const cancel = await sale.buyer.send('DELETE', `/api/orders/${sale.order.id}`)
    expect(refusalOf(cancel)).toEqual([409, 'order-not-cancellable'])
    await release()
    await isSold(sale)
  })

  it('at the same instant: one of the two', async () => {
    for (let round = 1; round <= 6; round++) {
      const sale = await atThePage()
      const [, cancel] = await Promise.all([
        payOnPage(sale.page.url),
        sale.buyer.send('DELETE', `/api/orders/${sale.order.id}`),
      ])
      if (cancel.status === 204) await isLost(sale, 'buyer')
      else await isSold(sale)
    }
  })
})

it('5: the seller edits the price while the buyer reserves: cancelled, nothing charged', async () => {
  for (let round = 1; round <= 6; round++) {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await until(
      () => world.sql('orders')`select 1 from tickets where id = ${ticket.id}`,
      (rows) => rows.length === 1,
      'the ticket to be known',
    )
    const [edit, asked] = await Promise.all([
      seller.send('PATCH', `/api/tickets/${ticket.id}`, { price: 9900 }),
      buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id }),
    ])
    expect(asked.status).toBe(201)
    const order = await until(
      () => buyer.expect<Order>(200, 'GET', `/api/orders/${asked.body.id}`),
      ({ status }) => status !== 'created',
      'the order to be decided',
    )
    // Whichever came first: the buyer is asked for the price they saw, or for nothing.
    if (order.status === 'cancelled') {
      expect(order.reason).toBe('price-changed')
      expect(await providerSide(world, order.id)).toMatchObject({ intents: [], captured: 0 })
      continue
    }
    const now = (await seller.expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`)).price
    expect(order.ticket.price).toBe(now)
    expect(edit.status === 409 || order.ticket.price === 9900).toBe(true)
    await payable(world, order.id)
    expect((await openPage(buyer, order)).amount).toBe(now)
  }
})

describe('6: two tabs pay one order', () => {
  it('the second gets the same page', async () => {
    const sale = await atThePage()
    expect((await openPage(sale.buyer, sale.order)).url).toBe(sale.page.url)
    await Promise.all([payOnPage(sale.page.url), payOnPage(sale.page.url)])
    await isSold(sale)
  })

  it('were two authorised, one is captured, the other voided', async () => {
    const sale = await atThePage()
    await payOnPage(sale.page.url)
    await isSold(sale)
    await authorizeBeside(world, sale.page, 4500)
    const { intents } = await until(
      () => providerSide(world, sale.order.id),
      ({ intents }) => intents.every(({ status }) => status !== 'requires_capture'),
      'the second authorisation to be let go',
    )
    expect(intents.map(({ status }) => status).toSorted()).toEqual(['canceled', 'succeeded'])
    await isSold(sale)
  })
})

it('7: webhooks twice, reordered and late, together with the return page: one capture', async () => {
  await webhooks(world, 'hold')
  const sale = await atThePage()
  await payOnPage(sale.page.url)
  await Promise.all([
    refresh(sale.buyer, sale.page),
    refresh(sale.buyer, sale.page),
    world.sandbox('POST', '/_sandbox/webhooks/deliver', { order: 'reversed', times: 3, concurrent: true }),
  ])
  await orderIn(sale.buyer, sale.order.id, 'complete')
  await world.sandbox('POST', '/_sandbox/webhooks/deliver', { order: 'shuffled', times: 2 })
  await isSold(sale)
})

it('8: the webhook comes before our own commit: found by its metadata, normal', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  // The page is created and paid on, but the response with its id never arrives.
  await world.sandbox('POST', '/_sandbox/faults', {
    route: 'checkout.sessions.create',
    kind: 'drop-after-commit',
    times: -1,
  })
  const page = await buyer.expect<Payment & { url: string }>(201, 'POST', '/api/payments', { orderId: order.id })
  expect(page.url).toBeUndefined()
  const { sessions } = await world.sandbox<{ sessions: { id: string; metadata: Record<string, string> }[] }>(
    'GET',
    '/_sandbox/state',
  )
  const session = sessions.find(({ metadata }) => metadata.order_id === order.id)
  await payOnPage(`${world.stack.sandboxUrl}/c/pay/${session!.id}`)
  await isSoldInTime({ seller, buyer, ticket, order, page })
})

async function isSoldInTime(sale: Sale) {
  await orderIn(sale.buyer, sale.order.id, 'complete')
  await world.sandbox('DELETE', '/_sandbox/faults')
  await world.clock.advance(5_000)
  await isSold(sale)
}

// 9 and 10, a crash after each call before its commit, and between accepted and captured: crash.test.ts, with a
// process that is killed.

it('11: the capture fails for good: the order is cancelled, the ticket listed again, the buyer not charged', async () => {
  const sale = await atThePage()
  await world.sandbox('POST', '/_sandbox/faults', {
    route: 'payment_intents.capture',
    kind: 'status',
    status: 400,
    code: 'charge_expired_for_capture',
    times: -1,
  })
  await payOnPage(sale.page.url)
  await isLost(sale, 'payment-failed')
  expect((await paymentOf(sale.buyer, sale.page)).status).toBe('capture-failed')
})

describe('12: refunds', () => {
  const give = (by: Client, payment: Payment, amount?: number) =>
    by.send<Refund>('POST', `/api/payments/${payment.id}/refunds`, amount === undefined ? {} : { amount })

  it('before the capture there is nothing to refund', async () => {
    const sale = await atThePage()
    const { reached, release } = await holdAtProvider(world, 'payment_intents.capture')
    await payOnPage(sale.page.url)
    await reached()
    expect(refusalOf(await give(sale.seller, sale.page))).toEqual([409, 'not-refundable'])
    await release()
    await isSold(sale)
  })

  it('at the same instant never exceed what was captured', async () => {
    const sale = await atThePage()
    await payOnPage(sale.page.url)
    await orderIn(sale.buyer, sale.order.id, 'complete')
    const replies = await Promise.all(
      [3000, 2000, 1500, 1000, 4500].map((amount) => give(sale.seller, sale.page, amount)),
    )
    const given = replies.filter(({ status }) => status === 201).reduce((sum, { body }) => sum + body.amount, 0)
    expect(given).toBeGreaterThan(0)
    expect(given).toBeLessThanOrEqual(4500)
    await world.settled()
    expect(await providerSide(world, sale.order.id)).toMatchObject({ captured: 4500, refunded: given })
  })

  it('that fails later re-opens: the order is complete again, and can be refunded again', async () => {
    const sale = await atThePage()
    await payOnPage(sale.page.url, cards.refundFails)
    await orderIn(sale.buyer, sale.order.id, 'complete')
    expect((await give(sale.seller, sale.page)).body.status).toBe('succeeded')
    await orderIn(sale.buyer, sale.order.id, 'refunded')
    await orderInTime(world, sale.buyer, sale.order.id, 'complete')
    expect(await paymentOf(sale.buyer, sale.page)).toMatchObject({ status: 'captured', amountRefunded: 0 })
    await world.settled()
    expect(await providerSide(world, sale.order.id)).toMatchObject({ captured: 4500, refunded: 0 })
    expect((await give(sale.seller, sale.page, 1000)).status).toBe(201)
    await inTime(
      world,
      () => world.sql('payments')<{ status: string }[]>`select status from refunds where payment_id = ${sale.page.id}`,
      (refunds) => refunds.length === 2 && refunds.every(({ status }) => status === 'failed'),
      'both refunds to have failed',
    )
  })

  it('that fails later is found without a webhook too', async () => {
    const sale = await atThePage()
    await payOnPage(sale.page.url, cards.refundFails)
    await orderIn(sale.buyer, sale.order.id, 'complete')
    await webhooks(world, 'drop')
    await give(sale.seller, sale.page)
    await orderIn(sale.buyer, sale.order.id, 'refunded')
    await orderInTime(world, sale.buyer, sale.order.id, 'complete')
  })

  it('that the provider delays is pending, then done', async () => {
    const sale = await atThePage()
    await payOnPage(sale.page.url, cards.refundPends)
    await orderIn(sale.buyer, sale.order.id, 'complete')
    expect((await give(sale.seller, sale.page)).body.status).toBe('pending')
    await orderInTime(world, sale.buyer, sale.order.id, 'refunded')
  })
})

describe('an authorisation with an amount other than the order’s', () => {
  it('is never captured: it is voided, and the order can still be paid', async () => {
    await using other = await openWorld()
    const [seller, buyer] = [await other.member(), await other.member()]
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await payable(other, order.id)
    const page = await openPage(buyer, order)
    const wrong = await authorizeBeside(other, page, 50)
    const statusOf = async () => {
      const { intents } = await other.sandbox<{ intents: { id: string; status: string }[] }>('GET', '/_sandbox/state')
      return intents.find(({ id }) => id === wrong)?.status
    }
    await until(statusOf, (status) => status === 'canceled', 'the wrong authorisation to be let go')
    await other.settled()
    await orderIn(buyer, order.id, 'awaiting:payment')
    await payOnPage((await openPage(buyer, order)).url)
    await orderIn(buyer, order.id, 'complete')
  })
})

/** A stray authorisation for a payment, created outside our own code; resolves to its id. */
async function authorizeBeside(where: World, payment: Payment, amount: number): Promise<string> {
  const answer = await fetch(`${where.stack.sandboxUrl}/v1/payment_intents`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_sandbox', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      amount: String(amount),
      currency: 'usd',
      capture_method: 'manual',
      confirm: 'true',
      payment_method: 'pm_card_visa',
      'allowed_payment_method_types[]': 'card',
      'metadata[payment_id]': payment.id,
      'metadata[order_id]': payment.orderId,
    }),
  })
  const { id, status } = (await answer.json()) as { id: string; status: string }
  expect(status).toBe('requires_capture')
  return id
}
