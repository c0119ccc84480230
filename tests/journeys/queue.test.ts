// Calls waiting for the provider's rate limit wait in order, and no buyer loses a reservation because of our
// own queue.

import type { Payment } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { payOnPage } from '../hosted-page.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, orderIn, payable, reserve, type World } from '../world.ts'

/** Orders of this many buyers, ready to be paid. */
async function ordersToPay(world: World, count: number) {
  const seller = await world.member()
  const orders = []
  for (let nth = 1; nth <= count; nth++) {
    const buyer = await world.member()
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await payable(world, order.id)
    orders.push({ buyer, order })
  }
  return orders
}

describe('forty buyers who pay at the same moment', () => {
  it('are all served, and pay', async () => {
    const world = await openWorld({ PROVIDER_CALLS_PER_SECOND: 50 })
    const sales = await ordersToPay(world, 40)
    const pages = await Promise.all(
      sales.map(({ buyer, order }) => buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id })),
    )
    await Promise.all(pages.map(({ url }) => payOnPage(url!)))
    for (const { buyer, order } of sales) await orderIn(buyer, order.id, 'complete')
    await closeWorld(world)
  })

  it('ten seconds before their windows end keep their tickets while we keep them waiting, and can pay', async () => {
    const world = await openWorld({ PROVIDER_CALLS_PER_SECOND: 8 })
    const sales = await ordersToPay(world, 40)
    const first = sales[0]!.order
    await world.clock.advance(new Date(first.expiresAt).getTime() - 10_000 - world.clock.now().getTime())
    // Buyers pay as soon as they have the page; any delay is ours.
    const paying = sales.map(async ({ buyer, order }) => {
      const { url } = await until(
        () => buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id }),
        (payment) => payment.url !== undefined,
        'the page',
      )
      return payOnPage(url!)
    })
    await until(
      () =>
        world.sql('payments')<
          { count: number }[]
        >`select count(*)::int as count from work where kind <> 'webhook' and status = 'pending'`,
      ([row]) => (row?.count ?? 0) > 20,
      'a queue',
    )
    // Half a minute passes, a second at a time, while they wait for us: without extensions all windows would
    // have ended.
    for (let second = 1; second <= 30; second++) {
      await world.clock.advance(1_000)
      await world.sql('orders')`select pg_sleep(0.1)`
    }
    const later = await Promise.all(paying)
    expect(later.map(({ status }) => status)).toEqual(Array(40).fill(303))
    for (const { buyer, order } of sales) await orderIn(buyer, order.id, 'complete')
    await closeWorld(world)
  })

  it('and who do not pay still lose their tickets, once the extended window has ended', async () => {
    const world = await openWorld({ PROVIDER_CALLS_PER_SECOND: 20 })
    const sales = await ordersToPay(world, 12)
    await world.clock.advance(new Date(sales[0]!.order.expiresAt).getTime() - 10_000 - world.clock.now().getTime())
    await Promise.all(
      sales.map(({ buyer, order }) => buyer.expect(201, 'POST', '/api/payments', { orderId: order.id })),
    )
    await world.settled()
    await world.clock.advance(120_000)
    for (const { buyer, order } of sales) expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe('expired')
    await closeWorld(world)
  })
})
