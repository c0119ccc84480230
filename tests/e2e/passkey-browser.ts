// Chromium's virtual authenticator, and the passkeys of people who have one.

import type { Person } from './person.ts'

/** An authenticator that is part of the person's device and knows its holder. */
export async function withAuthenticator(person: Person) {
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

/** Adds a passkey of this device to the account of the person who is signed in; resolves to the recovery codes. */
export async function addPasskey(person: Person): Promise<string[]> {
  await person.opens('/account/security')
  await person.presses('Add a passkey')
  await person.sees('heading', 'Your recovery codes')
  const codes = await person.page.locator('ol code').allTextContents()
  await person.follows('I have kept them')
  await person.sees('button', 'Remove')
  return codes
}

/** Where the browser does not offer passkeys on its own: it would use the only one at once. */
export const withoutOffers = (person: Person) =>
  person.page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')
