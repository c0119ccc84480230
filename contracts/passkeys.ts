// What a browser and auth exchange about passkeys (WebAuthn, level 3). The options have the form that browsers read as
// JSON; of what a browser makes there are only the fields that are checked.

import { closed, Id, type Static, Timestamp, Type, text } from './schema.ts'

const base64url = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[A-Za-z0-9_-]+$', description: `${description}, base64url` })

const CredentialId = base64url(1366, 'id of the credential')
const ClientData = base64url(4096, 'what the browser has signed: challenge, origin and type')
/** The name of a passkey. */
export const PasskeyName = text(60, 'name by which its owner knows it')

/** A passkey that was just made: from `PublicKeyCredential` with an `AuthenticatorAttestationResponse`. */
export const NewPasskey = closed({
  id: CredentialId,
  clientDataJSON: ClientData,
  attestationObject: base64url(16_384, 'the public key and its circumstances'),
  transports: Type.Optional(
    Type.Array(Type.String({ maxLength: 32, pattern: '^[a-z-]+$' }), {
      maxItems: 10,
      description: 'how the browser reaches the authenticator',
    }),
  ),
})

/** A signature by a passkey: from `PublicKeyCredential` with an `AuthenticatorAssertionResponse`. */
export const SignedByPasskey = closed({
  id: CredentialId,
  clientDataJSON: ClientData,
  authenticatorData: base64url(4096, 'what the authenticator has signed'),
  signature: base64url(2048, 'the signature'),
  userHandle: Type.Optional(
    base64url(86, 'id of the user, as the authenticator knows it; it may be missing where passkeys were named'),
  ),
})

/** Names a sign-in whose second step is missing. */
export const StepChallenge = Type.String({
  maxLength: 128,
  pattern: '^[A-Za-z0-9_-]*$',
  description: 'of the refusal `second-step-needed`; it works once',
})

const Descriptor = Type.Object({
  id: Type.String(),
  type: Type.Literal('public-key'),
  transports: Type.Array(Type.String()),
})
const verification = Type.Literal('required')

/** How a browser makes a passkey: `PublicKeyCredentialCreationOptionsJSON`. */
export const CreationOptions = Type.Object({
  challenge: Type.String(),
  rp: Type.Object({ id: Type.String(), name: Type.String() }),
  user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
  pubKeyCredParams: Type.Array(Type.Object({ type: Type.Literal('public-key'), alg: Type.Integer() })),
  timeout: Type.Integer({ description: 'milliseconds' }),
  attestation: Type.Literal('none'),
  excludeCredentials: Type.Array(Descriptor),
  authenticatorSelection: Type.Object({
    residentKey: Type.Literal('required'),
    requireResidentKey: Type.Literal(true),
    userVerification: verification,
  }),
})

/** How a browser asks for a passkey: `PublicKeyCredentialRequestOptionsJSON`. */
export const RequestOptions = Type.Object({
  challenge: Type.String(),
  rpId: Type.String(),
  timeout: Type.Integer({ description: 'milliseconds' }),
  userVerification: verification,
  allowCredentials: Type.Optional(Type.Array(Descriptor)),
})

/** A passkey, as its owner sees it. */
export const Passkey = Type.Object({
  id: Id,
  name: Type.String(),
  madeAt: Timestamp,
  usedAt: Type.Optional(Timestamp),
})

/** A passkey that was added. The first second factor comes with recovery codes. */
export const AddedPasskey = Type.Object({
  ...Passkey.properties,
  recoveryCodes: Type.Array(Type.String({ description: 'such as K7MP-42XW-9QRT-AB3D; works once' })),
})

export type NewPasskey = Static<typeof NewPasskey>
export type SignedByPasskey = Static<typeof SignedByPasskey>
export type CreationOptions = Static<typeof CreationOptions>
export type RequestOptions = Static<typeof RequestOptions>
export type Passkey = Static<typeof Passkey>
