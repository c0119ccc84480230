// An admin ends a listing and an order, without JavaScript, and their owners read why.

import { describe, expect, it } from 'vitest'
import { reserve, ticketIn } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()
const plain = { javaScriptEnabled: false }
const reason = 'This seat does not exist.'

describe('with JavaScript switched off', () => {
  it('an admin takes a ticket down, with a reason that its seller reads and a buyer does not', async () => {
    const ticket = await site.ticket()
    const [admin, stranger] = [await site.admin(plain), await site.member('Bo', plain)]
    const seller = await site.signIn(ticket.seller, plain)
    await stranger.opens(ticket.page)
    expect(await stranger.page.getByText('Take this ticket down').count()).toBe(0)

    await admin.opens(ticket.page)
    await admin.page.getByText('Take this ticket down').first().click()
    await admin.presses('Take this ticket down')
    await admin.page.getByRole('alert').getByRole('link', { name: 'Reason, shown to the seller' }).waitFor()
    await admin.fills({ 'Reason, shown to the seller': reason })
    await admin.presses('Take this ticket down')
    await admin.readsText('The ticket is taken down.')
    await ticketIn(ticket.seller, ticket.id, 'withdrawn')

    await seller.opens(ticket.page)
    await seller.readsText('We took this ticket off sale')
    await seller.readsText(reason)
    await stranger.opens(ticket.page)
    await stranger.readsText('This ticket is no longer for sale.')
    expect(await stranger.page.content()).not.toContain(reason)
  })

  it('an admin cancels an unpaid order, with a reason that its buyer reads', async () => {
    const ticket = await site.ticket()
    const [admin, buyer] = [await site.admin(plain), await site.member('Ada', plain)]
    const order = await reserve(buyer.client, ticket.id)
    await admin.opens(`/admin/orders/${order.id}`)
    await admin.page.getByText('Cancel this order').first().click()
    await admin.fills({ 'Reason, shown to the buyer': reason })
    await admin.presses('Cancel this order')
    await admin.readsText('The order is cancelled.')
    await ticketIn(ticket.seller, ticket.id, 'listed')
    await buyer.opens(`/orders/${order.id}`)
    await buyer.reads('We cancelled this order')
    await buyer.readsText(reason)
  })
})
