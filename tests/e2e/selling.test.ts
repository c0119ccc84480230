// A seller lists, edits and withdraws tickets, sees a sale, and refunds it.

import type { Ticket } from '@aisle/contracts/entities'
import { describe, expect, it } from 'vitest'
import { buy, listTicket, orderIn, orderInTime, pay, payable, reserve } from '../world.ts'
import type { Member } from './site.ts'
import { useSite } from './site.ts'

const site = useSite()

const filled = {
  'What are you selling': 'Stalls, two seats from the aisle',
  Price: '52.50',
  Event: 'The Summer Concert',
  Venue: 'Great Hall',
  City: 'Vienna',
  'Date and time': '2099-07-01T20:00',
  'Section or block': 'Stalls',
  Row: '8',
  Seat: '11',
  'Anything a buyer should know': 'I hand it over at the door.',
}

/** A seller on the page of a ticket that they have just listed. */
async function withListed() {
  const seller = await site.member()
  const ticket = await listTicket(seller.client, { currency: 'eur' })
  await seller.opens(`/tickets/${ticket.id}`)
  await seller.readsText('This is your ticket.')
  return { seller, ticket }
}
const read = (seller: Member, id: string) => seller.client.expect<Ticket>(200, 'GET', `/api/tickets/${id}`)

describe('a ticket', () => {
  it('is listed as typed, with its price shown as buyers will see it', async () => {
    const seller = await site.member()
    await seller.opens('/sell')
    await seller.fills(filled)
    await seller.chooses('Currency', 'eur')
    await seller.chooses('Time zone of the venue', 'Europe/Vienna')
    await seller.readsText('€52.50')
    await seller.presses('List this ticket')
    await seller.readsText('This is your ticket.')
    await seller.reads('The Summer Concert')
    await seller.readsText('Wednesday, 1 July 2099, 20:00 CEST')
    expect(await read(seller, seller.path.split('/').at(-1)!)).toMatchObject({
      title: filled['What are you selling'],
      price: 5250,
      currency: 'eur',
      seat: { section: 'Stalls', row: '8', number: '11' },
      event: { startsAt: '2099-07-01T18:00:00.000Z', timeZone: 'Europe/Vienna' },
    })
  })

  it('that is incomplete comes back with the input and a message beside each field', async () => {
    const seller = await site.member()
    await seller.opens('/sell')
    await seller.fills({ ...filled, Price: '0.001', Venue: '' })
    await seller.presses('List this ticket')
    await seller.sees('alert', /.*/)
    expect(await seller.field('Price').inputValue()).toBe('0.001')
    expect(await seller.field('Event').inputValue()).toBe('The Summer Concert')
    expect(await seller.field('Price').getAttribute('aria-invalid')).toBe('true')
    await seller.readsText('Enter the venue in up to 200 characters.')
    await seller.page.getByRole('alert').getByRole('link', { name: 'Venue' }).click()
    await seller.field('Venue').fill('Great Hall')
    await seller.field('Price').fill('1')
    await seller.presses('List this ticket')
    await seller.readsText('This is your ticket.')
  })

  it('is edited and withdrawn by its seller, and cannot be bought afterwards [U3]', async () => {
    const { seller, ticket } = await withListed()
    await seller.follows('Edit')
    await seller.reads('Edit your ticket')
    await seller.fills({ Price: '60' })
    await seller.presses('Save')
    await seller.readsText('This is your ticket.')
    expect(await read(seller, ticket.id)).toMatchObject({ price: 6000 })
    await seller.page.getByText('Withdraw from sale').first().click()
    await seller.presses('Withdraw from sale')
    await seller.isAt('/my-tickets/selling')
    await seller.sees('heading', 'Withdrawn')
    const stranger = await site.visitor()
    await stranger.opens(`/tickets/${ticket.id}`)
    await stranger.readsText('This ticket is no longer for sale.')
  })

  it('that changed since it was opened for editing is not overwritten', async () => {
    const { seller, ticket } = await withListed()
    await seller.opens(`/tickets/${ticket.id}/edit`)
    await seller.client.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 7700 })
    await seller.fills({ 'What are you selling': 'Something else' })
    await seller.presses('Save')
    await seller.page.getByRole('alert').filter({ hasText: 'This has changed since you opened the page.' }).waitFor()
    expect(await read(seller, ticket.id)).toMatchObject({ title: 'Two seats in the stalls', price: 7700 })
  })

  it('that someone is paying for cannot be changed, and its seller sees why', async () => {
    const { seller, ticket } = await withListed()
    await reserve(await site.world.member(), ticket.id)
    await seller.reloads()
    await seller.readsText('A buyer is paying for it right now, so you cannot change it.')
    expect(await seller.find('link', 'Edit').count()).toBe(0)
    await seller.opens(`/tickets/${ticket.id}/edit`)
    await seller.isAt(`/tickets/${ticket.id}`)
  })
})

it('input typed before the page is hydrated is kept, and is what is listed', async () => {
  const seller = await site.member()
  let goOn = () => {}
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  await seller.page.route('**/*.js', async (route) => {
    await held
    await route.continue()
  })
  await seller.page.goto('/sell', { waitUntil: 'commit' })
  await seller.fills(filled)
  await seller.chooses('Currency', 'eur')
  goOn()
  await seller.isAlive()
  await seller.field('Row').fill('9')
  for (const [label, value] of Object.entries({ ...filled, Row: '9' }))
    expect(await seller.field(label).inputValue(), label).toBe(value)
  await seller.presses('List this ticket')
  await seller.readsText('This is your ticket.')
  expect(await read(seller, seller.path.split('/').at(-1)!)).toMatchObject({ price: 5250, currency: 'eur' })
})

it('listed, "back", and listed again: the form says that the seat is already for sale, and keeps the input', async () => {
  const seller = await site.member()
  await seller.opens('/sell')
  await seller.fills({ ...filled, Row: '5', Seat: '77' })
  await seller.chooses('Currency', 'eur')
  await seller.presses('List this ticket')
  await seller.readsText('This is your ticket.')
  await seller.opens('/sell')
  await seller.fills({ ...filled, Row: '5', Seat: '077' })
  await seller.chooses('Currency', 'eur')
  await seller.presses('List this ticket')
  await seller.readsText('This seat is already for sale or sold here.')
  expect(await seller.field('Seat').inputValue()).toBe('077')
  await seller.fills({ Seat: '78' })
  await seller.presses('List this ticket')
  await seller.readsText('This is your ticket.')
})

it('a seller sees their sales and balance, and refunds a buyer', async () => {
  const [seller, buyer] = [await site.member(), await site.member()]
  const { order, ticket } = await buy(site.world, seller.client, buyer.client)
  await site.world.settled()
  await seller.opens('/my-tickets/selling')
  await seller.sees('heading', 'Sold')
  await seller.readsText('Your balance')
  await seller.follows(/^Refund the buyer/)
  await seller.page.getByLabel(/^Amount to refund/).fill('10')
  await seller.presses('Continue')
  await seller.presses('Refund US$10.00')
  await seller.readsText('US$10.00 is on its way back to the buyer.')
  await site.world.settled()
  await buyer.opens(`/orders/${order.id}`)
  await buyer.reads('You bought this ticket.')
  await buyer.readsText('US$10.00 refunded')
  await buyer.opens('/my-tickets')
  await buyer.readsText('US$10.00 refunded')
  await seller.reloads()
  expect(await seller.page.getByText('is on its way back to the buyer').count()).toBe(0)
  await seller.follows(/^Refund the buyer/)
  await seller.presses('Continue')
  await seller.presses('Refund US$35.00')
  await seller.readsText('US$35.00 is on its way back to the buyer.')
  await site.world.settled()
  await buyer.opens(`/orders/${order.id}`)
  await buyer.reads('Your money is on its way back')
  await buyer.readsText('The seller has refunded US$45.00.')
  await seller.opens(`/tickets/${ticket.id}`)
  await seller.readsText('The buyer has been refunded in full.')
  await seller.follows('List it again')
  await seller.sees('heading', 'Sell a ticket')
  expect(await seller.field('What are you selling').inputValue()).toBe(ticket.title)
  await seller.presses('List this ticket')
  await seller.readsText('This is your ticket.')
  expect(seller.path).not.toBe(`/tickets/${ticket.id}`)
})

it('a buyer sees a refund on its way, before it has arrived', async () => {
  const [seller, buyer] = [await site.member(), await site.member()]
  const ticket = await listTicket(seller.client, { currency: 'eur' })
  const order = await reserve(buyer.client, ticket.id)
  await payable(site.world, order.id)
  const payment = await pay(buyer.client, order.id, 'tok_pendingRefund')
  await orderIn(buyer.client, order.id, 'complete')
  await seller.client.expect(201, 'POST', `/api/payments/${payment.id}/refunds`, { amount: 2000 })
  for (const page of [`/orders/${order.id}`, '/my-tickets']) {
    await buyer.opens(page)
    await buyer.readsText('€20.00 is on its way back to you')
  }
  await seller.client.expect(201, 'POST', `/api/payments/${payment.id}/refunds`, {})
  await buyer.opens(`/orders/${order.id}`)
  await buyer.reads('Your money is on its way back')
  await buyer.readsText('The seller has refunded €45.00.')
  await orderInTime(site.world, buyer.client, order.id, 'refunded')
})
