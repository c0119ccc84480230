// Passkeys in Chromium, with its virtual authenticator.

import { describe, expect, it } from 'vitest'
import type { Person } from './person.ts'
import { useSite } from './site.ts'

const site = useSite()

/** An authenticator that is part of the person's device and knows its holder. */
async function withAuthenticator(person: Person) {
  const devTools = await person.context.newCDPSession(person.page)
  await devTools.send('WebAuthn.enable')
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  })
  return {
    /** Whether its holder can be verified, as with a finger. */
    verifies: (isUserVerified: boolean) =>
      devTools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}

/** Adds a passkey of this device to the account of the person who is signed in. */
const addPasskey = (person: Person): Promise<number> =>
  person.page.evaluate(`(async () => {
    const post = (path, body) => fetch('/api/users/me/passkeys' + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const options = await (await post('/options')).json()
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
    const { id, response } = (await navigator.credentials.create({ publicKey })).toJSON()
    const { clientDataJSON, attestationObject } = response
    return (await post('', { passkey: { id, clientDataJSON, attestationObject } })).status
  })()`)

/** Where the browser does not offer passkeys on its own: it would use the only one at once. */
const withoutOffers = (person: Person) =>
  person.page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')

describe('the sign-in page', () => {
  it('signs in with a passkey and goes on to the page that was wanted', async () => {
    const person = await site.member('Mara')
    await withoutOffers(person)
    await withAuthenticator(person)
    await person.opens('/account')
    expect(await addPasskey(person)).toBe(201)
    await person.context.clearCookies()
    await person.opens('/my-tickets')
    await person.reads('Sign in')
    await person.presses('Sign in with a passkey')
    await person.isAt('/my-tickets')
  })

  it('offers passkeys in the field for the email', async () => {
    const person = await site.member('Ben')
    await withAuthenticator(person)
    await person.opens('/account')
    expect(await addPasskey(person)).toBe(201)
    await person.context.clearCookies()
    await person.opens('/sign-in?to=/my-tickets')
    // The virtual authenticator takes the offer by itself.
    await person.isAt('/my-tickets')
  })

  it('stays calm when the user cancels', async () => {
    const person = await site.member('Nils')
    await withoutOffers(person)
    const authenticator = await withAuthenticator(person)
    await person.opens('/account')
    expect(await addPasskey(person)).toBe(201)
    await person.context.clearCookies()
    await person.opens('/sign-in')
    await authenticator.verifies(false)
    await person.presses('Sign in with a passkey')
    await person.readsText('No passkey was used.')
    await authenticator.verifies(true)
    await person.presses('Sign in with a passkey')
    await person.isAt('/')
  })
})
