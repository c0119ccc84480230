// The mails of Aisle as people get them: they open the mailbox page, read a mail in its frame, and follow its button.

import { expect, it } from 'vitest'
import { buy } from '../world.ts'
import type { Person } from './person.ts'
import { useSite } from './site.ts'

const site = useSite()
const password = 'a good password'

async function signsUp(): Promise<Person & { email: string }> {
  const person = await site.visitor()
  const email = `ada.${crypto.randomUUID().slice(0, 8)}@aisle.test`
  await person.opens('/sign-up')
  await person.fills({ Email: email, Password: password, Name: 'Ada' })
  await person.presses('Create account')
  await person.isAt('/')
  return Object.assign(person, { email })
}

/** Opens the newest mail with this subject in the mailbox. */
async function opensMail(person: Person, to: string, subject: string): Promise<void> {
  await site.world.settled()
  await person.opens(`/dev/mail?to=${encodeURIComponent(to)}`)
  await person.follows(subject)
  await person.reads(subject)
}

/** Where the button of the open mail leads. */
async function buttonOf(person: Person, name: string): Promise<string> {
  const button = person.page.frameLocator('iframe').getByRole('link', { name, exact: true })
  return (await button.getAttribute('href')) ?? ''
}

const followsMail = async (person: Person, to: string, subject: string, button: string) => {
  await opensMail(person, to, subject)
  await person.opens(await buttonOf(person, button))
}

it('sign up, confirm the address, buy, and read the receipt', async () => {
  const ticket = await site.ticket({ title: 'Two seats in the stalls' })
  const ada = await signsUp()
  await followsMail(ada, ada.email, 'Confirm your email address', 'Confirm the address')
  await ada.presses('Confirm email')
  await ada.readsText('Your email is confirmed.')

  await ada.opens(ticket.page)
  await ada.presses('Reserve this ticket')
  await ada.reads('Checkout')
  await ada.presses(/^(Pay|Continue)/)
  await ada.typesCard()
  await ada.reads('You bought this ticket.')
  await opensMail(ada, ada.email, 'Your ticket: The Winter Concert')
  const text = await ada.page.getByRole('main').innerText()
  for (const part of ['Hello Ada,', 'Great Hall, Vienna', 'ticket.ics', 'BEGIN:VEVENT', '€45.00'])
    expect(text).toContain(part)
  expect(text).toMatch(/Order: [2-9A-Z]{4}-[2-9A-Z]{4}/)
  await ada.opens(await buttonOf(ada, 'Show the order'))
  await ada.reads('You bought this ticket.')
  await ada.page.getByText(/^Notices about this order/).click()
  await ada.readsText(/^Mail sent/)
})

it('the header counts what is unread while a page is open, until it is read', async () => {
  const [seller, buyer] = [await site.member('Mara'), await site.world.member()]
  await seller.opens('/')
  await seller.sees('link', 'Notices')
  await buy(site.world, seller.client, buyer)
  await seller.sees('link', /^Notices.*1 unread notice$/)
  await seller.follows(/^Notices/)
  await seller.readsText('Sold: The Winter Concert')
  await seller.sees('link', 'Notices')
  await seller.reloads()
  await seller.readsText('Sold: The Winter Concert')
  expect(await seller.page.getByRole('main').getByText('New', { exact: true }).count()).toBe(0)
})

it('a kind of mail is switched on, comes, and is ended by the link in it', async () => {
  const ada = await signsUp()
  await followsMail(ada, ada.email, 'Confirm your email address', 'Confirm the address')
  await ada.presses('Confirm email')
  await ada.readsText('Your email is confirmed.')
  await ada.opens('/notices')
  await ada.page.getByRole('form', { name: 'A ticket is reserved for you' }).getByRole('button').click()
  await ada.readsText('Saved.')
  const ticket = await site.ticket()
  await ada.opens(ticket.page)
  await ada.presses('Reserve this ticket')
  await ada.reads('Checkout')
  await opensMail(ada, ada.email, 'Reserved for you: The Winter Concert')
  // By whoever has the mail: nobody is signed in.
  const stranger = await site.visitor()
  await stranger.opens(await buttonOf(ada, 'Stop mails of this kind'))
  await stranger.presses('Stop these mails')
  await stranger.readsText('You will get no more mails of this kind.')
  await ada.opens('/notices')
  await ada.readsText('(off)')
})

it('a forgotten password: two tabs, of which one works, and a link that is too old', async () => {
  const ada = await signsUp()
  await ada.opens('/account')
  await ada.presses('Sign out')
  await ada.isAt('/')
  const asks = async () => {
    await ada.opens('/forgot')
    await ada.fills({ Email: ada.email })
    await ada.presses('Send the link')
    await ada.readsText('the link is on its way')
    await opensMail(ada, ada.email, 'Choose a new password')
    return buttonOf(ada, 'Choose a new password')
  }
  const sets = async (person: Person, newPassword: string) => {
    await person.fills({ 'New password': newPassword })
    await person.presses('Set password')
  }
  const link = await asks()
  const other = await site.visitor()
  await ada.opens(link)
  await other.opens(link)
  await sets(ada, 'another good password')
  await ada.readsText('Your password is changed.')
  other.watch.allow(422)
  await sets(other, 'a third good password')
  await other.readsText('This link does not work.')

  const late = await asks()
  await ada.opens(late)
  await site.world.clock.advance(31 * 60_000)
  ada.watch.allow(422)
  await sets(ada, 'a fourth good password')
  await ada.readsText('This link does not work.')

  await ada.opens('/sign-in')
  await ada.fills({ Email: ada.email, Password: 'another good password' })
  await ada.presses('Sign in')
  await ada.isAt('/')
})
