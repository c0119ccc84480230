// Checks what browsers and authenticators have made against WebAuthn: the site, the user's verification and the
// signature. Whatever is wrong with it, there is one answer: null.

import type { NewPasskey, SignedByPasskey } from '@aisle/contracts/passkeys'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { decodeAttestationObject, isoCBOR } from '@simplewebauthn/server/helpers'
import type { AuthService } from './context.ts'

/** COSE's numbers of EdDSA, ES256 and RS256, the best first: every authenticator knows one of them. */
export const algorithms = [-8, -7, -257]

type Settings = Pick<AuthService['config'], 'PUBLIC_URL'>

/** The site as WebAuthn knows it. A passkey belongs to the host name, so another one makes all of them useless. */
export function relyingPartyOf({ PUBLIC_URL }: Settings): { id: string; origin: string } {
  const { hostname, origin } = new URL(PUBLIC_URL)
  return { id: hostname, origin }
}

/** The challenge that was signed; null if `clientDataJSON` is not what a browser makes. */
export function challengeOf({ clientDataJSON }: { clientDataJSON: string }): Buffer | null {
  try {
    const { challenge, crossOrigin } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString())
    // No page of another site may ask, as none may frame this one.
    return typeof challenge === 'string' && !crossOrigin ? Buffer.from(challenge, 'base64url') : null
  } catch {
    return null
  }
}

/** What is kept of a new passkey. */
export type Verified = { credentialId: Buffer; publicKey: Buffer; counter: number; backedUp: boolean }

/** Checks a new passkey, except that its challenge is one that was made for its user. */
export async function verifyNew(config: Settings, given: NewPasskey): Promise<Verified | null> {
  const { id, clientDataJSON, attestationObject } = given
  const made = await orNull(async () =>
    verifyRegistrationResponse({
      response: {
        ...credential(id),
        response: { clientDataJSON, attestationObject: withoutAttestation(attestationObject) },
      },
      ...expected(config),
      supportedAlgorithmIDs: algorithms,
    }),
  )
  if (!made?.verified) return null
  const { credential: passkey, credentialBackedUp } = made.registrationInfo
  // The library takes the browser's word for the id.
  if (passkey.id !== id) return null
  const { publicKey, counter } = passkey
  const credentialId = Buffer.from(id, 'base64url')
  return { credentialId, publicKey: Buffer.from(publicKey), counter, backedUp: credentialBackedUp }
}

/**
 * Leaves out what the authenticator says about its maker. Nobody asked for it, and checking its certificates would
 * fetch addresses that they name.
 */
function withoutAttestation(attestationObject: string): string {
  const object = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')))
  const authData = object.get('authData')
  const nothing = new Map<string, never>()
  const without = new Map<string, string | Uint8Array | typeof nothing>([
    ['fmt', 'none'],
    ['attStmt', nothing],
    ['authData', authData],
  ])
  return Buffer.from(isoCBOR.encode(without)).toString('base64url')
}

/** Checks a signature by the passkey with `publicKey`, except its challenge and its counter. */
export async function verifySigned(
  config: Settings,
  { id, clientDataJSON, authenticatorData, signature, userHandle }: SignedByPasskey,
  publicKey: Buffer,
): Promise<Pick<Verified, 'counter' | 'backedUp'> | null> {
  const signed = await orNull(() =>
    verifyAuthenticationResponse({
      response: {
        ...credential(id),
        response: { clientDataJSON, authenticatorData, signature, ...(userHandle ? { userHandle } : {}) },
      },
      ...expected(config),
      // The library would look at the counter before it has checked who signed it.
      credential: { id, publicKey: new Uint8Array(publicKey), counter: 0 },
    }),
  )
  if (!signed?.verified) return null
  const { newCounter, credentialBackedUp } = signed.authenticationInfo
  return { counter: newCounter, backedUp: credentialBackedUp }
}

/** Whether a counter says that there is a copy of the authenticator (WebAuthn, 6.1.1). Most count nothing: 0. */
export const isCounterBack = (known: number, counter: number): boolean => (known > 0 || counter > 0) && counter <= known

const credential = (id: string) => ({ id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} })

function expected(config: Settings) {
  const { id, origin } = relyingPartyOf(config)
  // The database tells whether the challenge is one of ours.
  return { expectedOrigin: origin, expectedRPID: id, expectedChallenge: () => true, requireUserVerification: true }
}

/** What the library throws is about what it was given. */
async function orNull<T>(check: () => Promise<T>): Promise<T | null> {
  try {
    return await check()
  } catch {
    return null
  }
}
