// What a buyer sees while waiting for something they cannot influence. Each of these pages says what it is
// waiting for, and continues on its own.

import type { Order } from '@aisle/contracts/entities'
import { afterEach, expect, it } from 'vitest'
import { holdAtProvider, orderIn, payable, reserve } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

afterEach(() => site.world.sandbox('DELETE', '/_sandbox/faults'))

it.each([true, false])(
  'a buyer who reserves while tickets is down waits on the order’s page, and reaches the checkout once it is back (JavaScript: %s)',
  async (javaScriptEnabled) => {
    const ticket = await site.ticket()
    const buyer = await site.member(undefined, { javaScriptEnabled })
    await site.world.stack.stopService('tickets')
    try {
      const { id } = await buyer.client.expect<Order>(201, 'POST', '/api/orders', { ticketId: ticket.id })
      await buyer.opens(`/orders/${id}`)
      await buyer.reads('Reserving your ticket')
      await buyer.readsText('The Winter Concert')
      expect(await buyer.find('button', /^Pay/).count()).toBe(0)
    } finally {
      await site.world.stack.startService('tickets')
    }
    await buyer.reads('Checkout')
    await buyer.sees('button', 'Pay €45.00')
  },
)

it.each([true, false])(
  'a buyer on an order’s page whose payment page is being created is redirected there once it is (JavaScript: %s)',
  async (javaScriptEnabled) => {
    const [ticket, client] = [await site.ticket(), await site.world.member()]
    const order = await reserve(client, ticket.id)
    await payable(site.world, order.id)
    const held = await holdAtProvider(site.world, 'checkout.sessions.create')
    const asked = client.expect(201, 'POST', '/api/payments', { orderId: order.id })
    await held.reached()
    const buyer = await site.signIn(client, { javaScriptEnabled })
    await buyer.opens(`/orders/${order.id}`)
    await buyer.reads('Your payment page is being prepared')
    expect(await buyer.find('button', /^Pay/).count()).toBe(0)
    await held.release()
    await asked
    await buyer.reads('Checkout')
    await buyer.follows('Continue to payment')
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
    await orderIn(client, order.id, 'complete')
  },
)
