// Asks the browser to make or use a passkey, on a challenge that auth has just made. The library that speaks with it is
// loaded with the first use: no other page needs it.

import type { CreationOptions, NewPasskey, RequestOptions, SignedByPasskey } from '@aisle/contracts/passkeys'

/** Where the options come from: from auth, or from one of our pages, which takes a form. */
export type Begin = { path: string; isPage?: boolean }
/** What came of it. `code` is a refusal of auth, or one of `ownCodes`. */
export type Asked<T> = { ok: true; passkey: T } | { ok: false; code: string; retryAfterSeconds?: number }
/** Why there is no passkey, where it is not auth that refuses. */
export const ownCodes = ['offline', 'cancelled', 'known', 'unusable'] as const

const load = () => import('@simplewebauthn/browser')

/** Makes a passkey. */
export const makePasskey = (begin: Begin): Promise<Asked<NewPasskey>> =>
  ask<CreationOptions, NewPasskey>(begin, async (optionsJSON) => {
    const { startRegistration } = await load()
    const { id, response } = await startRegistration({ optionsJSON })
    const { clientDataJSON, attestationObject, transports } = response
    return { id, clientDataJSON, attestationObject, ...(transports ? { transports } : {}) }
  })

/**
 * Asks for a passkey: in a dialogue, or among what the browser offers to fill in. That one stays open until it is used,
 * or anything is asked for after it.
 */
export const getPasskey = (begin: Begin, isOffer = false): Promise<Asked<SignedByPasskey>> =>
  ask<RequestOptions, SignedByPasskey>(begin, async (options) => {
    const { startAuthentication } = await load()
    const { allowCredentials, ...rest } = options
    const optionsJSON = { ...rest, ...(allowCredentials ? { allowCredentials: allowCredentials as [] } : {}) }
    const { id, response } = await startAuthentication({ optionsJSON, useBrowserAutofill: isOffer })
    const { clientDataJSON, authenticatorData, signature, userHandle } = response
    return { id, clientDataJSON, authenticatorData, signature, ...(userHandle ? { userHandle } : {}) }
  })

/** Ends what the browser is asked for. */
export const stopAsking = async (): Promise<void> => (await load()).WebAuthnAbortService.cancelCeremony()

/** Whether the browser offers passkeys among what it fills in. */
export const canOffer = async (): Promise<boolean> =>
  (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false

async function ask<O, T>({ path, isPage = false }: Begin, perform: (options: O) => Promise<T>): Promise<Asked<T>> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      body: isPage ? new URLSearchParams({ intent: 'passkey' }) : null,
    })
    const answer = await response.json()
    if (!response.ok) return { ok: false, code: answer.code, retryAfterSeconds: answer.retryAfterSeconds }
    return { ok: true, passkey: await perform(answer) }
  } catch (error) {
    return { ok: false, code: codeOf(error) }
  }
}

function codeOf(error: unknown): (typeof ownCodes)[number] {
  if (error instanceof TypeError) return 'offline'
  switch ((error as Error).name) {
    // Browsers do not tell whether the user or the time ended it.
    case 'NotAllowedError':
    case 'AbortError':
      return 'cancelled'
    case 'InvalidStateError':
      return 'known'
    default:
      return 'unusable'
  }
}
