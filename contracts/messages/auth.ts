import { message } from '../message.ts'
import { Id, type Static, Timestamp, Type, Version } from '../schema.ts'
import { AskVersion } from './erasure.ts'

/** What other services may know of a user: the name that buyers see. The email stays in auth. */
const UserState = Type.Object({
  id: Id,
  version: Version,
  name: Type.String(),
  banned: Type.Boolean(),
  // Missing in the messages of the previous version.
  confirmed: Type.Optional(Type.Boolean({ description: 'whether the user has proved that the email is theirs' })),
})

export const UserCreated = message('auth', 'user:created', 'An account was made.', UserState)
export const UserUpdated = message(
  'auth',
  'user:updated',
  'The name of a user has changed, the email was confirmed, or the user was banned or unbanned.',
  UserState,
)

/** What is sealed for notices: see kit/sealed.ts. */
const Sealed = (what: string) =>
  Type.String({ maxLength: 8_192, description: `${what}, sealed with the newest key of the user that auth knew` })

/** The languages that mails are written in. */
export const languages = ['en', 'de'] as const
export const Language = Type.Enum([...languages], { description: 'ISO 639-1' })
export type Language = Static<typeof Language>

/** The purpose of the seal of `UserContact.sealed`, and what is in it. */
export const contactPurpose = 'contact'
export type SealedContact = { readonly address: string; readonly name: string | null }

export const UserContact = message(
  'auth',
  'user:contact',
  'How notices reaches a user. Only notices can read the address.',
  Type.Object({
    id: Id,
    version: Version,
    sealed: Sealed('address and name'),
    language: Language,
    confirmed: Type.Boolean({ description: 'whether the user has proved that the address is theirs' }),
  }),
)

/** The purpose of the seal of `UserLink.sealed`, and what is in it: the secret of the link, and where it is sent. */
export const linkPurpose = 'link'
export type SealedLink = { readonly token: string | null; readonly address: string }

export const UserLink = message(
  'auth',
  'user:link-made',
  'A mail with a link that works once is to be sent: to confirm an address, to choose a new password, or to undo a change of address. Only notices can read the link.',
  Type.Object({
    id: Id,
    userId: Id,
    version: Version,
    purpose: Type.Enum(['confirm-address', 'change-address', 'undo-address', 'reset-password', 'known-address'], {
      description: '`known-address`: someone signed up with the address of this account; there is no link',
    }),
    sealed: Sealed('the secret of the link and the address that it goes to'),
    language: Language,
    expiresAt: Timestamp,
  }),
)

export const UserSecured = message(
  'auth',
  'user:secured',
  'Something happened to the security of an account that its owner should know.',
  Type.Object({
    userId: Id,
    version: Version,
    what: Type.Enum([
      'new-device',
      'password-changed',
      'password-reset',
      'address-changed',
      'address-restored',
      'passkey-added',
      'passkey-removed',
      'authenticator-added',
      'authenticator-removed',
      'recovery-codes-made',
      'recovery-code-used',
      'banned',
      'unbanned',
    ]),
    device: Type.Optional(Type.String({ description: 'browser and system, as far as known' })),
    at: Timestamp,
  }),
)

/**
 * With `session`, `revokedBefore` and `reason` hold values that are harmless to a consumer that does not know
 * `session`: a time before any session (`beforeAnySession`), and a known reason. No token of the session is valid
 * after `until`.
 */
export const SessionRevoked = message(
  'auth',
  'session:revoked',
  'Every service refuses sessions of the user whose password was given at or before `revokedBefore`. With `session`, only that session is refused.',
  Type.Object({
    userId: Id,
    version: Version,
    revokedBefore: Timestamp,
    reason: Type.Enum(['signed-out-everywhere', 'password-changed', 'banned']),
    session: Type.Optional(
      Type.Object({ id: Id, until: Timestamp, reason: Type.Enum(['signed-out', 'ended', 'replaced']) }),
    ),
  }),
)

/** Revokes nothing. */
export const beforeAnySession = '2000-01-01T00:00:00.000Z'

export const UserErasureAsked = message(
  'auth',
  'user:erasure-asked',
  'The account of a user is to be erased. orders answers whether anything stands in the way, then payments.',
  Type.Object({ userId: Id, version: AskVersion }),
)

export const UserErasureRefused = message(
  'auth',
  'user:erasure-refused',
  'The account of a user is not erased: something stands in the way. The user may buy and sell as before.',
  Type.Object({
    userId: Id,
    version: AskVersion,
    by: Type.Enum(['user', 'operator', 'unused'], {
      description:
        'who asked for it; `unused`: the address was never confirmed, and nobody has used the account for a month',
    }),
    at: Timestamp,
  }),
)

export const UserErased = message(
  'auth',
  'user:erased',
  'The account of a user was erased. Every service forgets what it knows of the person; nothing about the user that comes later counts.',
  Type.Object({ userId: Id, version: Version }),
)
