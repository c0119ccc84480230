// Every page is a document with plain forms. With JavaScript switched off the whole marketplace still works.

import { describe, expect, it } from 'vitest'
import { cards } from '../hosted-page.ts'
import { orderInTime, reserve, ticketIn } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()
const plain = { javaScriptEnabled: false }

describe('with JavaScript switched off', () => {
  it('a buyer searches, signs up, reserves, is declined, pays and has the ticket', async () => {
    const ticket = await site.ticket({ title: 'Gallery, left' })
    const buyer = await site.visitor(plain)
    await buyer.opens('/')
    await buyer.find('searchbox', 'Search').fill('winter')
    await buyer.presses('Search')
    await buyer.follows('The Winter Concert')
    await buyer.follows(/Gallery, left/)
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Sign in')
    await buyer.follows('Create account')
    await buyer.reads('Create account')
    await buyer.fills({ Name: 'Ada', Email: 'ada@aisle.test', Password: 'short' })
    await buyer.presses('Create account')
    await buyer.readsText('Enter 8 to 128 characters.')
    await buyer.fills({ Password: 'a good password' })
    await buyer.presses('Create account')
    await buyer.reads('Checkout')
    await buyer.presses('Pay €45.00')
    await buyer.typesCard(cards.declined)
    await buyer.sees('alert', /.*/)
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
    await ticketIn(ticket.seller, ticket.id, 'sold')
  })

  it('pressed twice quickly, "reserve" is one order', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member('Ada', plain)
    await buyer.opens(ticket.page)
    await buyer.find('button', 'Reserve this ticket').dblclick()
    await buyer.reads('Checkout')
    expect(await buyer.client.expect<unknown[]>(200, 'GET', '/api/orders')).toHaveLength(1)
  })

  it('a form that a browser resubmits, as after "back", leads to the same order', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member('Ada', plain)
    await buyer.opens(ticket.page)
    const key = await buyer.page.locator('input[name=idempotencyKey]').inputValue()
    const send = () =>
      buyer.context.request.post(ticket.page, {
        form: { intent: 'reserve', idempotencyKey: key },
        headers: { origin: site.url },
        maxRedirects: 0,
      })
    const places = [await send(), await send()].map((answer) => answer.headers().location)
    expect(places[0]).toMatch(/^\/orders\//)
    expect(places[1]).toBe(places[0])
  })

  it('a buyer whose ticket has become more expensive reads so, and reserves it only when they press again', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member('Ada', plain)
    await buyer.opens(ticket.page)
    await ticket.seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 9000 })
    await site.world.settled()
    await buyer.presses('Reserve this ticket')
    await buyer.readsText('The price is now €90.00.')
    await buyer.readsText('You saw it at €45.00. Nothing is reserved yet.')
    expect(await buyer.client.expect<unknown[]>(200, 'GET', '/api/orders')).toEqual([])
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Checkout')
    await buyer.sees('button', 'Pay €90.00')
  })

  it('a stranger whose ticket becomes more expensive while they sign in reads so, too', async () => {
    const ticket = await site.ticket()
    const { user } = await site.world.member()
    const buyer = await site.visitor(plain)
    await buyer.opens(ticket.page)
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Sign in')
    await ticket.seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 9000 })
    await site.world.settled()
    await buyer.fills({ Email: user.email, Password: 'a good password' })
    await buyer.presses('Sign in')
    await buyer.readsText('The price is now €90.00.')
    await buyer.readsText('You saw it at €45.00. Nothing is reserved yet.')
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Checkout')
  })

  it('a seller lists a ticket and edits it', async () => {
    const seller = await site.member('Sam', plain)
    await seller.opens('/sell')
    await seller.fills({
      'What are you selling': 'Balcony',
      Price: '20',
      Event: 'A Night of Songs',
      Venue: 'Small Hall',
      'Date and time': '2099-03-03T19:30',
    })
    await seller.presses('List this ticket')
    await seller.readsText('This is your ticket.')
    await seller.follows('Edit')
    await seller.fills({ Price: '25' })
    await seller.presses('Save')
    await seller.readsText('£25.00')
  })

  it('a buyer releases a ticket', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member('Ada', plain)
    const order = await reserve(buyer.client, ticket.id)
    await buyer.opens(`/orders/${order.id}`)
    await buyer.presses('Cancel and release the ticket')
    await buyer.reads('You released this ticket')
  })

  it('a page whose time is up reloads, and says what became of the order', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member('Ada', plain)
    const order = await reserve(buyer.client, ticket.id)
    await buyer.opens(`/orders/${order.id}`)
    await buyer.reads('Checkout')
    const refresh = await buyer.page.locator('noscript meta[http-equiv=refresh]').getAttribute('content')
    expect(Number(refresh)).toBeGreaterThan(800)
    expect(Number(refresh)).toBeLessThan(902)
    await site.world.clock.advance(16 * 60_000)
    await orderInTime(site.world, buyer.client, order.id, 'cancelled')
    await buyer.reloads()
    await buyer.reads('The time to pay ran out')
  })
})
