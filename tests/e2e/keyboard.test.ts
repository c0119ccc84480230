import { expect, it } from 'vitest'
import { ticketIn } from '../world.ts'
import { enter, tabTo, tabToField, typeInto } from './keyboard.ts'
import { useSite } from './site.ts'

const site = useSite()

it('a buyer with a keyboard alone finds a ticket, signs up, reserves, pays, and always sees where they are', async () => {
  const ticket = await site.ticket({ title: 'Gallery, right' })
  const buyer = await site.visitor()
  const { keyboard } = buyer.page
  await buyer.opens('/')
  await tabTo(buyer, 'searchbox', 'Search')
  await keyboard.type('winter')
  await keyboard.press('Enter')
  await buyer.isAt('/?q=winter')
  await enter(buyer, 'link', 'The Winter Concert')
  await buyer.reads('The Winter Concert')
  await enter(buyer, 'link', /Gallery, right/)
  await buyer.isAt(ticket.page)
  await enter(buyer, 'button', 'Reserve this ticket')
  await buyer.reads('Sign in')
  await enter(buyer, 'link', 'Create account')
  await buyer.reads('Create account')
  await typeInto(buyer, { Name: 'Ada', Email: 'ada@aisle.test', Password: 'a good password' })
  await keyboard.press('Enter')
  await buyer.reads('Checkout')
  await enter(buyer, 'button', 'Pay €45.00')
  await buyer.find('button', /^Pay /).waitFor()
  await buyer.page.getByLabel('Email').waitFor()
  await typeInto(buyer, {
    Email: 'ada@example.com',
    'Card number': '4242424242424242',
    'Expiry (MM / YY)': '12 / 34',
    'Security code (CVC)': '123',
    'Name on card': 'Ada Lovelace',
  })
  await enter(buyer, 'button', /^Pay /)
  await buyer.reads('You bought this ticket.')
  await ticketIn(ticket.seller, ticket.id, 'sold')
})

it('the first stop of every page skips the header', async () => {
  const reader = await site.visitor()
  await reader.opens('/tickets')
  await reader.page.keyboard.press('Tab')
  expect(await reader.page.evaluate('document.activeElement.textContent')).toBe('Skip to content')
  await reader.page.keyboard.press('Enter')
  await tabToField(reader, 'Search')
})

it('after following a link the focus is on the new page, not where the link was', async () => {
  await site.ticket()
  const reader = await site.visitor()
  await reader.opens('/')
  await enter(reader, 'link', 'The Winter Concert')
  await reader.reads('The Winter Concert')
  expect(await reader.page.evaluate('document.activeElement.id')).toBe('main')
})
