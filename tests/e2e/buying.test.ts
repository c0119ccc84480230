// A buyer's path from the home page to their own ticket, and the paths that do not lead there.

import type { Order } from '@aisle/contracts/entities'
import { describe, expect, it } from 'vitest'
import { cards } from '../hosted-page.ts'
import { providerSide } from '../invariants.ts'
import { listTicket, orderIn, ticketIn } from '../world.ts'
import type { Member } from './site.ts'
import { useSite } from './site.ts'

const site = useSite()

/** A member with a reserved ticket, at its checkout. */
async function atCheckout(name?: string) {
  const [ticket, buyer] = [await site.ticket(), await site.member(name)]
  await buyer.opens(ticket.page)
  await buyer.presses('Reserve this ticket')
  await buyer.reads('Checkout')
  return { ticket, buyer, orderId: orderIdOf(buyer) }
}
const orderIdOf = ({ path }: Member) => /^\/orders\/([\w-]+)/.exec(path)![1]!

it('a buyer finds a ticket, creates an account on the way, pays and has it', async () => {
  const ticket = await site.ticket({ title: 'Gallery, centre' })
  const buyer = await site.visitor()
  await buyer.opens('/')
  await buyer.reads('Someone cannot go. You can.')

  await buyer.find('searchbox', 'Search').fill('winter conc')
  await buyer.isAt('/?q=winter+conc')
  await buyer.follows('The Winter Concert')
  await buyer.reads('The Winter Concert')
  await buyer.follows(/Gallery, centre/)
  await buyer.isAt(ticket.page)
  await buyer.presses('Reserve this ticket')

  await buyer.reads('Sign in')
  await buyer.follows('Create account')
  await buyer.reads('Create account')
  await buyer.fills({ Name: 'Ada', Email: 'ada@aisle.test', Password: 'a good password' })
  await buyer.presses('Create account')

  await buyer.reads('Checkout')
  await buyer.sees('article', 'You are buying')
  await buyer.presses('Pay €45.00')
  await buyer.typesCard()
  await buyer.reads('You bought this ticket.')

  await buyer.page.getByRole('main').getByRole('link', { name: 'My tickets' }).click()
  await buyer.sees('heading', 'Your tickets')
  await buyer.sees('link', /Gallery, centre.*Paid/)
  await ticketIn(ticket.seller, ticket.id, 'sold')
})

it('a buyer who searches for a day finds what is on that day in the venue’s time zone, not in another one', async () => {
  const seller = await site.world.member()
  // Eight in the morning in Tokyo, and the evening before in Europe.
  const event = {
    name: 'Hanami Matinee',
    venue: 'Blue Note',
    city: 'Tokyo',
    startsAt: '2099-04-02T23:00:00Z',
    timeZone: 'Asia/Tokyo',
    kind: 'concert',
  }
  await listTicket(seller, { event })
  const buyer = await site.visitor()
  await buyer.opens('/')
  await buyer.page.getByText('Filters').click()
  await buyer.fills({ From: '2099-04-03', Until: '2099-04-03' })
  await buyer.presses('Show events')
  await buyer.isAt('/?from=2099-04-03&to=2099-04-03')
  await buyer.sees('link', 'Hanami Matinee')
  await buyer.fills({ From: '2099-04-02', Until: '2099-04-02' })
  await buyer.presses('Show events')
  await buyer.readsText('No events match your search.')
})

it('pressed twice, "reserve" and "pay" are one order and one payment', async () => {
  const [ticket, buyer] = [await site.ticket(), await site.member()]
  await buyer.opens(ticket.page)
  await buyer.find('button', 'Reserve this ticket').dblclick()
  await buyer.reads('Checkout')
  expect(await buyer.client.expect<unknown[]>(200, 'GET', '/api/orders')).toHaveLength(1)
  await buyer.find('button', 'Pay €45.00').dblclick()
  await buyer.find('button', /^Pay /).waitFor()
  await buyer.typesCard()
  await buyer.reads('You bought this ticket.')
  expect((await providerSide(site.world, orderIdOf(buyer))).captures).toBe(1)
})

it('the same form submitted twice at once is one order, and both responses lead to it', async () => {
  const [ticket, buyer] = [await site.ticket(), await site.member(undefined, { javaScriptEnabled: false })]
  await buyer.opens(ticket.page)
  const fields = await buyer.page.locator('form:has(button[value=reserve]) [name]').all()
  const form: Record<string, string> = {}
  for (const field of fields) form[(await field.getAttribute('name'))!] = (await field.getAttribute('value'))!
  const send = () => buyer.context.request.post(ticket.page, { form, headers: { origin: site.url }, maxRedirects: 0 })
  const answers = await Promise.all([send(), send()])
  const orders = await buyer.client.expect<Order[]>(200, 'GET', '/api/orders')
  expect(answers.map((answer) => [answer.status(), answer.headers().location])).toEqual(
    Array(2).fill([303, `/orders/${orders[0]?.id}`]),
  )
  expect(orders).toHaveLength(1)
  await buyer.presses('Reserve this ticket')
  await buyer.isAt(`/orders/${orders[0]?.id}`)
})

describe('a card', () => {
  it('that is declined leaves the ticket with the buyer, who pays with another', async () => {
    const { buyer, ticket } = await atCheckout()
    await buyer.presses('Pay €45.00')
    await buyer.typesCard(cards.declined)
    await buyer.page
      .getByText(/declined/)
      .first()
      .waitFor()
    await buyer.follows(/Back to/)
    await buyer.reads('Checkout')
    await buyer.follows('Continue to payment')
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
    await ticketIn(ticket.seller, ticket.id, 'sold')
  })

  it('whose bank asks first pays once the buyer has said yes', async () => {
    const { buyer } = await atCheckout()
    await buyer.presses('Pay €45.00')
    await buyer.typesCard(cards.asksFor3ds)
    await buyer.reads('Is it you?')
    await buyer.presses('Complete')
    await buyer.reads('You bought this ticket.')
  })

  it('whose bank was told no can be followed by another', async () => {
    const { buyer, orderId } = await atCheckout()
    await buyer.presses('Pay €45.00')
    await buyer.typesCard(cards.asksFor3ds)
    await buyer.presses('Fail')
    await buyer.page.getByText('Your bank could not confirm that it is you').waitFor()
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
    expect((await providerSide(site.world, orderId)).captures).toBe(1)
  })
})

describe('a buyer with a reserved ticket', () => {
  it('who lets it go is not charged, and it is on sale again', async () => {
    const { buyer, ticket, orderId } = await atCheckout()
    await buyer.presses('Cancel and release the ticket')
    await buyer.reads('You released this ticket')
    await ticketIn(ticket.seller, ticket.id, 'listed')
    expect((await providerSide(site.world, orderId)).captured).toBe(0)
    await buyer.follows('Reserve it again')
    await buyer.sees('button', 'Reserve this ticket')
  })

  it('who closes the window finds it among their tickets and pays there', async () => {
    const { buyer } = await atCheckout()
    await buyer.opens('/my-tickets')
    await buyer.sees('heading', 'Reserved for you')
    await buyer.follows(/Continue to checkout/)
    await buyer.presses('Pay €45.00')
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
  })

  it('who goes back to the checkout of what they have paid reads that it is theirs, and is not asked to pay [U5]', async () => {
    const { buyer, orderId } = await atCheckout()
    await buyer.presses('Pay €45.00')
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
    await orderIn(buyer.client, orderId, 'complete')
    await buyer.opens(`/orders/${orderId}`)
    await buyer.reads('You bought this ticket.')
    expect(await buyer.find('button', /^Pay/).count()).toBe(0)
    expect(await buyer.find('button', 'Cancel and release the ticket').count()).toBe(0)
  })
})
