// An open page updates when someone else does something.

import { PaymentDelayed } from '@aisle/contracts/messages/payments'
import { newId } from '@aisle/kit/time/ids'
import { expect, it } from 'vitest'
import { envelope } from '../one-service.ts'
import { listTicket, orderIn, pay, payable, reserve } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

it('a visitor on a ticket’s page sees another reserve it, release it, and buy it', async () => {
  const ticket = await site.ticket()
  const [reader, buyer] = [await site.visitor(), await site.member()]
  await reader.opens(ticket.page)
  await reader.sees('button', 'Reserve this ticket')

  await buyer.opens(ticket.page)
  await buyer.presses('Reserve this ticket')
  await reader.readsText('Someone is paying for it right now.')
  expect(await reader.find('button', 'Reserve this ticket').count()).toBe(0)

  await buyer.presses('Cancel and release the ticket')
  await reader.sees('button', 'Reserve this ticket')
  await buyer.follows('Reserve it again')
  await buyer.presses('Reserve this ticket')
  await buyer.presses('Pay €45.00')
  await buyer.typesCard()
  await buyer.reads('You bought this ticket.')
  await reader.readsText('This ticket is sold.')
})

it('a visitor on a ticket’s page sees its new price before they press', async () => {
  const ticket = await site.ticket()
  const reader = await site.visitor()
  await reader.opens(ticket.page)
  await ticket.seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 9900 })
  await reader.readsText('€99.00')
})

it('a visitor on an event’s page sees tickets come and go', async () => {
  const ticket = await site.ticket({ title: 'The first' })
  const reader = await site.visitor()
  await reader.opens('/')
  await reader.follows('The Winter Concert')
  await reader.sees('link', /The first/)
  await listTicket(ticket.seller, { title: 'The second', currency: 'eur' })
  await reader.sees('link', /The second/)
  await reserve(await site.world.member(), ticket.id)
  await reader.sees('link', /The first.*Reserved/)
})

it('a checkout open in two windows shows the outcome in both', async () => {
  const ticket = await site.ticket()
  const buyer = await site.member()
  const order = await reserve(buyer.client, ticket.id)
  const second = await site.signIn(buyer.client)
  for (const window of [buyer, second]) await window.opens(`/orders/${order.id}`)
  await payable(site.world, order.id)
  await pay(buyer.client, order.id)
  for (const window of [buyer, second]) await window.reads('You bought this ticket.')
})

it('a checkout whose window is extended counts down to the new end, and its timeline grows', async () => {
  const ticket = await site.ticket()
  const buyer = await site.member()
  const order = await reserve(buyer.client, ticket.id)
  await buyer.opens(`/orders/${order.id}`)
  const clock = buyer.find('region', 'Time left')
  await clock.getByText(/\b1[45]:\d\d$/).waitFor()

  // As payments publishes it when it delays a buyer who asked to pay in time.
  const expiresAt = new Date(Date.parse(order.expiresAt) + 5 * 60_000).toISOString()
  const data = { orderId: order.id, version: 1, paymentId: newId(), expiresAt }
  const delayed = envelope(PaymentDelayed, order.id, data)
  await site.world.sql('payments')`insert into outbox (message) values (${JSON.stringify(delayed)}::text::json)`
  await site.world.sql('payments')`select pg_notify('outbox', '')`
  await clock.getByText(/\b1[89]:\d\d$|\b20:00$/).waitFor()
  expect((await orderIn(buyer.client, order.id, 'awaiting:payment')).expiresAt).toBe(expiresAt)
})

it('a page whose stream ends when its service stops receives updates again once the service is back', async () => {
  const ticket = await site.ticket()
  const reader = await site.visitor()
  // The browser reports the lost stream, and that it could not connect until the service was back.
  reader.watch.allow(502)
  reader.watch.allow(503)
  await reader.opens(ticket.page)
  await reader.sees('button', 'Reserve this ticket')
  await site.world.stack.stopService('tickets')
  await site.world.stack.startService('tickets')
  await ticket.seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 9900 })
  await reader.readsText('€99.00')
  // The stream continues as before: further changes arrive, too.
  await ticket.seller.expect(204, 'DELETE', `/api/tickets/${ticket.id}`)
  await reader.readsText('This ticket is no longer for sale.')
})
