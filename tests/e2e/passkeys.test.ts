// Passkeys in Chromium, with its virtual authenticator.

import { describe, expect, it } from 'vitest'
import { addPasskey, withAuthenticator, withoutOffers } from './passkey-browser.ts'
import type { Person } from './person.ts'
import { useSite } from './site.ts'

const site = useSite()

/** Forgets the session and whatever else the site keeps in the browser. */
const forget = (person: Person) => person.context.clearCookies()

describe('the sign-in page', () => {
  it('signs in with a passkey and goes on to the page that was wanted', async () => {
    const person = await site.member('Mara')
    await withoutOffers(person)
    await withAuthenticator(person)
    await addPasskey(person)
    await forget(person)
    await person.opens('/my-tickets')
    await person.reads('Sign in')
    await person.presses('Sign in with a passkey')
    await person.isAt('/my-tickets')
  })

  it('offers passkeys in the field for the email', async () => {
    const person = await site.member('Ben')
    await withAuthenticator(person)
    await addPasskey(person)
    await forget(person)
    await person.opens('/sign-in?to=/my-tickets')
    // The virtual authenticator takes the offer by itself.
    await person.isAt('/my-tickets')
  })

  it('stays calm when the user cancels', async () => {
    const person = await site.member('Nils')
    await withoutOffers(person)
    const authenticator = await withAuthenticator(person)
    await addPasskey(person)
    await forget(person)
    await person.opens('/sign-in')
    await authenticator.verifies(false)
    await person.presses('Sign in with a passkey')
    await person.readsText('No passkey was used.')
    await authenticator.verifies(true)
    await person.presses('Sign in with a passkey')
    await person.isAt('/')
  })
})

describe('a passkey on the page of the account', () => {
  it('is added, renamed, used as the second step and as a proof, and removed', async () => {
    const person = await site.member('Ada')
    await withoutOffers(person)
    await withAuthenticator(person)
    expect(await addPasskey(person)).toHaveLength(10)
    await person.page.getByText('Rename').first().click()
    await person.fills({ Name: 'My phone' })
    await person.presses('Save name')
    await person.readsText('My phone')

    await person.opens('/account')
    await person.presses('Sign out')
    await person.opens('/sign-in?to=/account/security')
    await person.fills({ Email: person.user.email, Password: 'a good password' })
    await person.presses('Sign in')
    await person.reads('One more step')
    await person.presses('Use a passkey')
    await person.isAt('/account/security')
    await person.readsText('Last used on')

    await person.opens('/prove?to=/account/security')
    await person.presses('Use a passkey')
    await person.isAt('/account/security')
    await person.presses('Remove')
    await person.readsText('The passkey is removed.')
    expect(await person.find('button', 'Remove').count()).toBe(0)
  })

  it('is not added twice to one device, and the page stays calm', async () => {
    const person = await site.member('Finn')
    await withAuthenticator(person)
    await addPasskey(person)
    await person.presses('Add a passkey')
    await person.readsText('This device already has a passkey for your account.')
  })

  it('can be done without: a recovery code takes the second step', async () => {
    const person = await site.member('Rosa')
    await withoutOffers(person)
    await withAuthenticator(person)
    const [code] = await addPasskey(person)
    await forget(person)
    await person.opens('/sign-in?to=/account')
    await person.fills({ Email: person.user.email, Password: 'a good password' })
    await person.presses('Sign in')
    await person.reads('One more step')
    await person.follows('Use a recovery code')
    await person.fills({ 'Recovery code': code! })
    await person.presses('Sign in')
    await person.isAt('/account')
  })
})
