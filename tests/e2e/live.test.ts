// A page that is open changes by itself when somebody else does something.

import { expect, it } from 'vitest'
import { listTicket, pay, payable, reserve } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

it('who looks at a ticket sees that another reserves it, lets it go, and buys it', async () => {
  const ticket = await site.ticket()
  const [reader, buyer] = [await site.visitor(), await site.member()]
  await reader.opens(ticket.page)
  await reader.sees('button', 'Reserve this ticket')

  await buyer.opens(ticket.page)
  await buyer.presses('Reserve this ticket')
  await reader.readsText('Someone else has it for now.')
  expect(await reader.find('button', 'Reserve this ticket').count()).toBe(0)

  await buyer.presses('Let the ticket go')
  await reader.sees('button', 'Reserve this ticket')
  await buyer.follows('Reserve it again')
  await buyer.presses('Reserve this ticket')
  await buyer.presses('Pay €45.00')
  await buyer.typesCard()
  await buyer.reads('It is yours.')
  await reader.readsText('This ticket is sold.')
})

it('who looks at a ticket sees its new price before they press', async () => {
  const ticket = await site.ticket()
  const reader = await site.visitor()
  await reader.opens(ticket.page)
  await ticket.seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 9900 })
  await reader.readsText('€99.00')
})

it('who looks at an event sees tickets come and go', async () => {
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

it('a checkout that is open in two windows says in both what became of it', async () => {
  const ticket = await site.ticket()
  const buyer = await site.member()
  const order = await reserve(buyer.client, ticket.id)
  const second = await site.signIn(buyer.client)
  for (const window of [buyer, second]) await window.opens(`/orders/${order.id}`)
  await payable(site.world, order.id)
  await pay(buyer.client, order.id)
  for (const window of [buyer, second]) await window.reads('It is yours.')
})
