// The checkout in each state and at each end. Part of the table of every page.

import type { Order, Payment } from '@aisle/contracts/entities'
import { cards } from '../hosted-page.ts'
import { holdAtProvider } from '../world.ts'
import type { Screen, Stage } from './stage.ts'

/** The payment of a paid order, as its seller sees it. */
export async function paymentOf({ seller }: Stage, order: Order): Promise<string> {
  const payments = await seller.client.expect<{ id: string }[]>(200, 'GET', `/api/payments?orderId=${order.id}`)
  return payments[0]!.id
}

/** A paid order whose buyer got the whole price back. */
export async function refund(stage: Stage): Promise<Order> {
  const order = await stage.paid()
  const id = await paymentOf(stage, order)
  await stage.seller.client.expect(201, 'POST', `/api/payments/${id}/refunds`, { amount: 5800 })
  await stage.site.world.settled()
  return order
}

const show = async ({ buyer }: Stage, order: Order, query = '') => {
  await buyer.opens(`/orders/${order.id}${query}`)
  return buyer
}
const ended = (reason: NonNullable<Order['reason']>): Screen => ({
  name: `order-ended-${reason}`,
  show: async (stage) => show(stage, await stage.ended(reason)),
})

export const ordering: readonly Screen[] = [
  {
    name: 'my-tickets-none',
    async show({ newcomer }) {
      await newcomer.opens('/my-tickets')
      return newcomer
    },
  },
  { name: 'checkout', show: async (stage) => show(stage, await stage.order()) },
  {
    name: 'checkout-last-minutes',
    async show(stage) {
      const person = await stage.site.signIn(stage.buyer.client)
      await person.page.clock.install({ time: new Date() })
      await person.opens(`/orders/${(await stage.order()).id}`)
      await person.page.clock.fastForward(13 * 60_000)
      await person.page.getByRole('status').filter({ hasText: 'left to pay' }).waitFor()
      return person
    },
  },
  {
    name: 'checkout-declined',
    async show(stage) {
      const order = await stage.order()
      await stage.buyer.client.send('POST', '/api/payments', { orderId: order.id, token: 'tok_chargeDeclined' })
      return show(stage, order)
    },
  },
  {
    name: 'checkout-too-many-declines',
    async show(stage) {
      const order = await stage.order()
      const payments = stage.site.world.sql('payments')
      // A payment of the buyer, to which the rows can refer.
      await stage.buyer.client.send('POST', '/api/payments', { orderId: order.id, token: 'tok_chargeDeclined' })
      const at = stage.site.world.clock.now()
      await payments`
        insert into declines (id, payment_id, buyer_id, at)
        select 'made up ' || n, (select id from payments where order_id = ${order.id} limit 1),
          ${stage.buyer.user.id}, ${at}
        from generate_series(1, 12) n`
      const buyer = await show(stage, order)
      buyer.watch.allow(429)
      await buyer.presses(/^Pay/)
      await buyer.page.getByRole('alert').filter({ hasText: 'Too many cards were declined.' }).waitFor()
      await payments`delete from declines`
      return buyer
    },
  },
  {
    name: 'checkout-unavailable',
    async show(stage) {
      const order = await stage.order()
      const buyer = await show(stage, order)
      await stage.site.world.stack.stopService('payments')
      buyer.watch.allow(503)
      await buyer.presses(/^Pay/)
      await buyer.reads('This part of Aisle is not answering')
      await stage.site.world.stack.startService('payments')
      return buyer
    },
  },
  {
    name: 'checkout-payment-page-open',
    async show(stage) {
      const order = await stage.order()
      await stage.buyer.client.expect(201, 'POST', '/api/payments', { orderId: order.id })
      return show(stage, order)
    },
  },
  {
    name: 'checkout-confirming',
    async show(stage) {
      const buyer = await show(stage, await stage.order())
      await buyer.presses(/^Pay/)
      await holdAtProvider(stage.site.world, 'payment_intents.capture')
      await buyer.typesCard(cards.good)
      await buyer.reads('Confirming your payment')
      return buyer
    },
  },
  {
    name: 'checkout-reserving',
    async show(stage) {
      const order = await stage.order()
      await stage.site.world.sql('orders')`update orders set status = 'created' where id = ${order.id}`
      return show(stage, order)
    },
  },
  {
    name: 'checkout-preparing',
    async show(stage) {
      const order = await stage.order()
      const payment = await stage.buyer.client.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id })
      await stage.site.world.sql('payments')`update payments set page_url = null where id = ${payment.id}`
      return show(stage, order)
    },
  },
  {
    name: 'order-complete',
    async show(stage) {
      await stage.site.world.sandbox('DELETE', '/_sandbox/faults')
      return show(stage, await stage.paid())
    },
  },
  {
    name: 'order-partly-refunded',
    async show(stage) {
      const order = await stage.paid()
      const id = await paymentOf(stage, order)
      await stage.seller.client.expect(201, 'POST', `/api/payments/${id}/refunds`, { amount: 2000 })
      await stage.site.world.settled()
      return show(stage, order)
    },
  },
  { name: 'order-refunded', show: async (stage) => show(stage, await refund(stage)) },
  ended('expired'),
  ended('buyer'),
  ended('price-changed'),
  ended('ticket-unavailable'),
  ended('payment-failed'),
  ended('event-begun'),
  ended('admin'),
  ended('seller-banned'),
  ended('buyer-banned'),
  {
    name: 'my-tickets',
    async show(stage) {
      await stage.order()
      await stage.buyer.opens('/my-tickets')
      await stage.buyer.page.getByText(/^Ended without/).click()
      return stage.buyer
    },
  },
]
