// auth: passkeys (WebAuthn).

import { endpoint } from '../endpoint.ts'
import { User } from '../entities.ts'
import {
  AddedPasskey,
  CreationOptions,
  NewPasskey,
  Passkey,
  PasskeyName,
  RequestOptions,
  SignedByPasskey,
  StepChallenge,
} from '../passkeys.ts'
import { closed, Id, Type } from '../schema.ts'

export const newPasskeyOptions = endpoint({
  method: 'POST',
  path: '/api/users/me/passkeys/options',
  summary: 'Begin to add a passkey: what the browser needs to make one, within five minutes',
  who: 'user',
  fresh: true,
  success: { status: 200, body: CreationOptions },
  personal: true,
  refusals: ['too-many-passkeys'],
  callsPerMinute: 30,
})

export const addPasskey = endpoint({
  method: 'POST',
  path: '/api/users/me/passkeys',
  summary: 'Add a passkey, by which you can sign in from then on',
  who: 'user',
  fresh: true,
  body: closed({ passkey: NewPasskey, name: Type.Optional(PasskeyName) }),
  success: { status: 201, body: AddedPasskey },
  personal: true,
  refusals: ['invalid-passkey', 'too-many-passkeys'],
  callsPerMinute: 30,
})

const passkeyParams = closed({ id: Id })

export const renamePasskey = endpoint({
  method: 'PATCH',
  path: '/api/users/me/passkeys/:id',
  summary: 'Rename one of your passkeys',
  who: 'user',
  params: passkeyParams,
  body: closed({ name: PasskeyName }),
  success: { status: 200, body: Passkey },
  refusals: ['not-found'],
})

export const removePasskey = endpoint({
  method: 'DELETE',
  path: '/api/users/me/passkeys/:id',
  summary: 'Remove one of your passkeys; it no longer signs you in',
  who: 'user',
  fresh: true,
  params: passkeyParams,
  success: { status: 204, body: null },
  refusals: ['not-found', 'last-factor'],
})

export const passkeyOptions = endpoint({
  method: 'POST',
  path: '/api/users/passkeys/options',
  summary: 'Begin to sign in by a passkey: what the browser needs to ask for one, within five minutes',
  who: 'anyone',
  success: { status: 200, body: RequestOptions },
  refusals: [],
  // Every visit of the sign-in page makes one, and people may share an address.
  callsPerMinute: 300,
})

export const signInByPasskey = endpoint({
  method: 'POST',
  path: '/api/users/signin/passkey',
  summary: 'Sign in by a passkey, which counts as both factors',
  who: 'anyone',
  body: closed({ passkey: SignedByPasskey }),
  success: { status: 200, body: User },
  personal: true,
  refusals: ['invalid-passkey', 'banned'],
  callsPerMinute: 30,
})

export const secondStepOptions = endpoint({
  method: 'POST',
  path: '/api/users/signin/second/options',
  summary: 'Begin to take the second step of a sign-in by a passkey, within five minutes',
  who: 'anyone',
  body: closed({ challenge: StepChallenge }),
  success: { status: 200, body: RequestOptions },
  refusals: ['second-step-over', 'not-found'],
  callsPerMinute: 30,
})

export const proofOptions = endpoint({
  method: 'POST',
  path: '/api/users/me/proof/options',
  summary: 'Begin to confirm by a passkey that it is you, within five minutes',
  who: 'user',
  success: { status: 200, body: RequestOptions },
  refusals: ['not-found'],
  callsPerMinute: 30,
})
