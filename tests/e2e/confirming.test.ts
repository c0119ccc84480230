// Someone whose email is not confirmed is told where it matters, confirms it with the mail, and goes on.

import { describe, expect, it } from 'vitest'
import { secretFor } from '../mailbox.ts'
import { listTicket, reserve } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite({ config: { UNCONFIRMED_ADDRESSES: 'limited' } })

/** A new member, on the site in a browser with or without JavaScript. */
async function newcomer(javaScriptEnabled: boolean) {
  const member = await site.world.member()
  return site.signIn(member, { javaScriptEnabled })
}
const confirmed = async () => {
  const member = await site.world.member()
  const token = await secretFor(site.world, member.user.email, 'confirm')
  await site.world.visitor().expect(204, 'POST', '/api/users/confirm', { token })
  return member
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('%s', (_, javaScriptEnabled) => {
  it('a seller is refused, keeps what was typed, gets the mail again, confirms, and sells', async () => {
    const seller = await newcomer(javaScriptEnabled)
    const { email } = seller.client.user
    const first = await secretFor(site.world, email, 'confirm')
    seller.watch.allow(403)
    await seller.opens('/sell')
    await seller.fills({ 'What are you selling': 'Stalls, near the aisle', Price: '52.50', Event: 'The Long Night' })
    await seller.fills({ Venue: 'Great Hall', 'Date and time': '2099-07-01T20:00' })
    await seller.presses('List this ticket')
    await seller.readsText('Confirm your email first')
    await seller.presses('Send the mail again')
    await seller.readsText('We have sent the mail again.')
    if (javaScriptEnabled)
      expect(await seller.field('What are you selling').inputValue()).toBe('Stalls, near the aisle')

    await seller.opens(`/confirm/${await secretFor(site.world, email, 'confirm', first)}`)
    await seller.presses('Confirm email')
    await seller.readsText('Your email is confirmed.')
    await seller.opens('/sell')
    await seller.fills({ 'What are you selling': 'Stalls, near the aisle', Price: '52.50', Event: 'The Long Night' })
    await seller.fills({ Venue: 'Great Hall', 'Date and time': '2099-07-01T20:00' })
    await seller.presses('List this ticket')
    await seller.readsText('This is your ticket.')
  })

  it('a buyer of a second ticket is told what to do', async () => {
    const buyer = await newcomer(javaScriptEnabled)
    const seller = await confirmed()
    const [one, two] = [await listTicket(seller), await listTicket(seller)]
    await site.world.settled()
    await reserve(buyer.client, one.id)
    buyer.watch.allow(403)
    await buyer.opens(`/tickets/${two.id}`)
    await buyer.presses('Reserve this ticket')
    await buyer.readsText('Confirm your email first')
    await buyer.presses('Send the mail again')
    await buyer.readsText('We have sent the mail again.')
  })
})
