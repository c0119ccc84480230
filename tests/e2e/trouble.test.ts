// A dead service, a slow provider, a lost network: the page reports it, loses nothing, and continues on its
// own.

import { afterEach, describe, expect, it } from 'vitest'
import { holdAtProvider, reserve } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

afterEach(() => site.world.sandbox('DELETE', '/_sandbox/faults'))

describe('a dead service', () => {
  it.each([true, false])(
    'shows a page that says so and recovers on its own (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const ticket = await site.ticket()
      const reader = await site.visitor({ javaScriptEnabled })
      reader.watch.allow(503)
      await site.world.stack.stopService('tickets')
      try {
        const answer = await reader.page.goto(ticket.page)
        expect(answer?.status()).toBe(503)
        await reader.reads('This part of Aisle is not answering')
        await reader.page.getByRole('link', { name: 'Try again' }).waitFor()
        expect(await reader.page.content()).not.toMatch(/ECONNREFUSED|at file:|node_modules/)
      } finally {
        await site.world.stack.startService('tickets')
      }
      await reader.reads('The Winter Concert')
      await reader.sees('button', 'Reserve this ticket')
    },
  )

  it('of accounts leaves the public pages', async () => {
    const ticket = await site.ticket()
    const member = await site.member()
    await site.world.stack.stopService('auth')
    try {
      await member.opens(ticket.page)
      await member.reads('The Winter Concert')
    } finally {
      await site.world.stack.startService('auth')
    }
  })
})

describe('a lost network', () => {
  it('keeps the input, says so, and the form goes through once it is back [U6]', async () => {
    const seller = await site.member()
    seller.watch.allowLostNetwork()
    await seller.opens('/sell')
    const typed = {
      'What are you selling': 'Balcony, first row',
      Price: '30',
      Event: 'A Night of Songs',
      Venue: 'Small Hall',
      'Date and time': '2099-03-03T19:30',
    }
    await seller.fills(typed)
    await seller.context.setOffline(true)
    await seller.presses('List this ticket')
    await seller.page.getByRole('alert').filter({ hasText: 'You seem to be offline.' }).waitFor()
    for (const [label, value] of Object.entries(typed)) expect(await seller.field(label).inputValue()).toBe(value)
    await seller.context.setOffline(false)
    await seller.presses('List this ticket')
    await seller.readsText('This is your ticket.')
  })

  it('does not end a checkout: the buyer pays once it is back', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member()
    buyer.watch.allowLostNetwork()
    const order = await reserve(buyer.client, ticket.id)
    await buyer.opens(`/orders/${order.id}`)
    await buyer.context.setOffline(true)
    await buyer.presses('Pay €45.00')
    await buyer.page.getByRole('alert').filter({ hasText: 'You seem to be offline.' }).waitFor()
    await buyer.context.setOffline(false)
    await buyer.presses('Pay €45.00')
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
  })

  it('on the way to another page shows a page that says so, with a way to retry', async () => {
    const reader = await site.member()
    reader.watch.allowLostNetwork()
    await reader.opens('/')
    await reader.follows('My tickets')
    await reader.reads('My tickets')
    await reader.follows('Aisle')
    await reader.reads('Someone cannot go. You can.')
    await reader.context.setOffline(true)
    await reader.follows('My tickets')
    await reader.reads('You are offline')
    await reader.sees('link', 'Account')
    await reader.context.setOffline(false)
    await reader.follows('Try again')
    await reader.reads('My tickets')
  })
})

describe('late messages', () => {
  it('do not end a checkout: the buyer is asked to try again, and pays once payments knows the order', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member()
    await site.world.sql('payments').begin(async (payments) => {
      await payments`lock table cursors in share row exclusive mode`
      await buyer.opens(ticket.page)
      await buyer.presses('Reserve this ticket')
      await buyer.reads('Checkout')
      await buyer.presses('Pay €45.00')
      const told = buyer.page.getByRole('alert').filter({ hasText: 'This part of Aisle is not answering. Try again' })
      await told.waitFor()
    })
    await buyer.presses('Pay €45.00')
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
  })
})

describe('a slow payment provider', () => {
  it('leaves the buyer with the ticket and a page that continues on its own once it has answered', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member()
    const order = await reserve(buyer.client, ticket.id)
    await buyer.opens(`/orders/${order.id}`)
    await buyer.presses('Pay €45.00')
    const held = await holdAtProvider(site.world, 'payment_intents.capture')
    await buyer.typesCard()
    await buyer.reads('Confirming your payment')
    await held.release()
    await buyer.reads('You bought this ticket.')
  })
})
