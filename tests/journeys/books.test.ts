// Ledger reconciliation with the provider: it finds differences, heals what can be healed, and leaves none
// after an outage of webhooks.

import type { Order, Payment } from '@aisle/contracts/entities'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { cards, payOnPage } from '../hosted-page.ts'
import { closeWorld, wrongInBooks } from '../invariants.ts'
import { gauge } from '../scrape.ts'
import { buy, inTime, listTicket, openWorld, orderIn, payable, reserve, type World, webhooks } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

type Comparison = { compared: number; differences: { paymentId?: string; what: string }[] }
/** By a newly signed-in admin, because days pass here. */
const compare = async () => (await world.admin()).expect<Comparison>(200, 'POST', '/api/payments/comparisons')
const atProvider = (path: string, form: Record<string, string> = {}) =>
  fetch(`${world.stack.sandboxUrl}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_sandbox', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form),
  })
/** Very recent changes are left out of a comparison. */
const rest = () => world.clock.advance(130_000)

async function atThePage() {
  const [seller, buyer] = [await world.member(), await world.member()]
  const order = await reserve(buyer, (await listTicket(seller)).id)
  await payable(world, order.id)
  const page = await buyer.expect<Payment & { url: string }>(201, 'POST', '/api/payments', { orderId: order.id })
  return { seller, buyer, order, page }
}

it('after ordinary sales and refunds there is no difference', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const { payment } = await buy(world, seller, buyer)
  await buy(world, seller, buyer)
  await seller.expect(201, 'POST', `/api/payments/${payment.id}/refunds`, { amount: 700 })
  const cancelled = await atThePage()
  await cancelled.buyer.expect(204, 'DELETE', `/api/orders/${cancelled.order.id}`)
  await world.settled()
  await rest()
  const { compared, differences } = await compare()
  expect(differences).toEqual([])
  expect(compared).toBeGreaterThanOrEqual(4)
})

it('a refund made in the provider’s dashboard is adopted, and the order is refunded', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const { payment, order } = await buy(world, seller, buyer)
  await webhooks(world, 'drop')
  const [{ stripeId }] = await world.sql('payments')<
    [{ stripeId: string }]
  >`select stripe_id from payments where id = ${payment.id}`
  expect(
    (await atProvider('/v1/refunds', { payment_intent: stripeId, 'metadata[payment_id]': payment.id })).status,
  ).toBe(200)
  await rest()
  expect((await compare()).differences).toEqual([])
  await orderIn(buyer, order.id, 'refunded')
  await webhooks(world, 'deliver')
})

it('a difference that cannot heal is reported, by the nightly run too', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const { payment } = await buy(world, seller, buyer)
  await rest()
  // A payment of ours that is not in our database, as after the restore of an old backup.
  const created = await atProvider('/v1/payment_intents', {
    amount: '4500',
    currency: 'usd',
    capture_method: 'manual',
    confirm: 'true',
    payment_method: 'pm_card_visa',
    'allowed_payment_method_types[]': 'card',
    'metadata[payment_id]': '01900000-0000-7000-8000-00000000dead',
    'metadata[order_id]': payment.orderId,
  })
  const { id } = (await created.json()) as { id: string }
  const wrong = (await compare()).differences
  expect(wrong).toEqual([
    {
      what: expect.stringContaining(
        `${id}, requires_capture, 4500, of the payment 01900000-0000-7000-8000-00000000dead`,
      ),
    },
  ])

  const evening = world.clock.now()
  const nights = () =>
    world.sql('payments')<
      { differences: unknown[] | null }[]
    >`select differences from book_comparisons where finished_at > ${evening}`
  await world.clock.advance(24 * 3_600_000)
  const found = await inTime(world, nights, (rows) => rows.length > 0, 'the nightly comparison')
  expect(found[0]?.differences).toHaveLength(1)
  expect(await gauge(world, 'payments', 'books_differences')).toBe(1)
  await atProvider(`/v1/payment_intents/${id}/cancel`)
})

it('an hour of sales without webhooks, and a restart, leave no difference once they arrive again, without a manual step', async () => {
  await webhooks(world, 'hold')
  const sales: { buyer: Client; seller: Client; order: Order; page: Payment; fate: number }[] = []
  for (let minute = 0; minute < 60; minute += 5) {
    const fate = (minute / 5) % 6
    const sale = await atThePage()
    sales.push({ ...sale, fate })
    if (fate === 0 || fate === 1) await payOnPage(sale.page.url)
    if (fate === 2) await payOnPage(sale.page.url, cards.declined)
    if (fate === 3) await sale.buyer.expect(204, 'DELETE', `/api/orders/${sale.order.id}`)
    if (fate === 4) await payOnPage(sale.page.url, cards.refundPends)
    if (minute === 30) {
      await world.stack.stopService('payments')
      await world.stack.startService('payments')
    }
    for (let second = 0; second < 300; second += 20) {
      await world.clock.advance(20_000)
      await world.settled()
    }
  }
  await webhooks(world, 'deliver')
  await world.sandbox('POST', '/_sandbox/webhooks/deliver', { order: 'shuffled', seed: 3, concurrent: true })
  // The windows of the last ones.
  await world.clock.advance(900_000)
  await world.settled()
  for (const { buyer, order, fate } of sales)
    await orderIn(buyer, order.id, fate === 0 || fate === 1 || fate === 4 ? 'complete' : 'cancelled')
  expect(await wrongInBooks(world)).toEqual(expect.not.arrayContaining([expect.stringContaining(sales[0]!.order.id)]))
  await rest()
  expect((await compare()).differences.filter(({ paymentId }) => paymentId)).toEqual([])
})
