// auth: who you are.

import { emailPattern } from '../email.ts'
import { endpoint } from '../endpoint.ts'
import { Account, Erasure, Factors, SignedInDevice, User } from '../entities.ts'
import { Language } from '../messages/auth.ts'
import { SignedByPasskey, StepChallenge } from '../passkeys.ts'
import { phonePattern } from '../phone.ts'
import { closed, Id, paging, type TSchema, Type, text } from '../schema.ts'

const Email = Type.String({
  maxLength: 254,
  pattern: emailPattern,
  description: 'email address; letter case and the spelling of the domain do not make a different account',
})
/** Older accounts may have an address that could not be used to sign up today. */
const KnownEmail = Type.String({
  maxLength: 254,
  pattern:
    '^\\s*[^\\s@<>(),;:"\\[\\]\\\\\\u0000-\\u001f\\ud800-\\udfff]{1,64}@[^\\s@.\\u0000-\\u001f\\ud800-\\udfff]+(\\.[^\\s@.\\u0000-\\u001f\\ud800-\\udfff]+)+\\s*$',
  description: 'email address of an account',
})
const Password = Type.String({
  minLength: 8,
  maxLength: 128,
  pattern: '^[^\\u0000\\ud800-\\udfff]*$',
  description: '8 to 128 characters; not a very common password, and not made of your own name or address',
})
/** A password of today or of earlier rules, to be compared. */
const GivenPassword = Type.String({ maxLength: 128, pattern: '^[^\\u0000\\ud800-\\udfff]*$' })
const Phone = Type.String({ maxLength: 80, pattern: phonePattern, description: 'phone number, 5 to 20 digits' })
/** The secret of a link in a mail. */
const Token = Type.String({
  maxLength: 128,
  pattern: '^[A-Za-z0-9_-]*$',
  description: 'the last part of the link in the mail; it works once',
})
/** Any spelling of a code: auth judges it. */
const Code = Type.String({
  minLength: 1,
  maxLength: 40,
  pattern: '^[^\\u0000\\ud800-\\udfff]*$',
  description: 'the six digits of the authenticator app, or a recovery code, in any spelling',
})
/** Shown once: auth has their hashes. */
const RecoveryCodes = Type.Object({
  recoveryCodes: Type.Array(Type.String({ description: 'such as K7MP-42XW-9QRT-AB3D; works once' })),
})
/** A field that can be set, changed and removed: the empty text removes it. */
const removable = (schema: TSchema) => {
  const { minLength: _, pattern, description, ...rest } = schema as Type.TStringOptions
  return Type.String({ ...rest, pattern: `^$|${pattern}`, description: `${description}; an empty one removes it` })
}

export const signUp = endpoint({
  method: 'POST',
  path: '/api/users/signup',
  summary: 'Create an account and sign in',
  who: 'anyone',
  body: closed({
    email: Email,
    password: Password,
    name: Type.Optional(text(80, 'name that others see')),
    language: Type.Optional(Language),
  }),
  success: { status: 201, body: User },
  personal: true,
  refusals: ['weak-password'],
  callsPerMinute: 60,
})

export const signIn = endpoint({
  method: 'POST',
  path: '/api/users/signin',
  summary: 'Sign in',
  who: 'anyone',
  body: closed({
    email: KnownEmail,
    password: GivenPassword,
  }),
  success: { status: 200, body: User },
  personal: true,
  refusals: ['invalid-credentials', 'second-step-needed', 'banned'],
  callsPerMinute: 30,
})

export const signInSecond = endpoint({
  method: 'POST',
  path: '/api/users/signin/second',
  summary: 'Take the second step of a sign-in that was refused with `second-step-needed`, within ten minutes',
  who: 'anyone',
  body: closed({
    challenge: StepChallenge,
    code: Type.Optional(Code),
    passkey: Type.Optional(SignedByPasskey),
  }),
  success: { status: 200, body: User },
  personal: true,
  refusals: ['wrong-code', 'invalid-passkey', 'second-step-over'],
  callsPerMinute: 30,
})

export const signOut = endpoint({
  method: 'POST',
  path: '/api/users/signout',
  summary: 'Sign out on this device',
  who: 'anyone',
  success: { status: 200, body: closed({}) },
  refusals: [],
})

export const signOutEverywhere = endpoint({
  method: 'POST',
  path: '/api/users/signout-everywhere',
  summary: 'Sign out on every device',
  who: 'user',
  success: { status: 200, body: closed({}) },
  refusals: [],
})

export const currentUser = endpoint({
  method: 'GET',
  path: '/api/users/currentuser',
  summary: 'Who is signed in',
  who: 'anyone',
  success: {
    status: 200,
    body: Type.Object({
      currentUser: Type.Union([User, Type.Null()]),
      secondFactorNeeded: Type.Optional(
        Type.Literal(true, { description: 'an admin, who has not signed in with the second factor that admins need' }),
      ),
    }),
  },
  refusals: [],
})

export const editMe = endpoint({
  method: 'PATCH',
  path: '/api/users/me',
  summary: 'Change your name, phone, password or the language of your mails',
  who: 'user',
  body: closed({
    name: Type.Optional(removable(text(80, 'name that others see'))),
    phone: Type.Optional(removable(Phone)),
    language: Type.Optional(Language),
    password: Type.Optional(Password),
    currentPassword: Type.Optional(GivenPassword),
  }),
  success: { status: 200, body: User },
  personal: true,
  refusals: ['wrong-password', 'weak-password', 'proof-needed'],
  callsPerMinute: 30,
})

export const prove = endpoint({
  method: 'POST',
  path: '/api/users/me/proof',
  summary: 'Confirm that it is you: for ten minutes you can do what a copied session must not',
  who: 'user',
  body: closed({
    password: Type.Optional(GivenPassword),
    code: Type.Optional(Code),
    passkey: Type.Optional(SignedByPasskey),
  }),
  success: { status: 204, body: null },
  refusals: ['wrong-password', 'wrong-code', 'invalid-passkey', 'second-step-needed'],
  callsPerMinute: 30,
})

export const myFactors = endpoint({
  method: 'GET',
  path: '/api/users/me/factors',
  summary: 'Your second factors',
  who: 'user',
  success: { status: 200, body: Factors },
  refusals: [],
})

export const offerAuthenticator = endpoint({
  method: 'POST',
  path: '/api/users/me/authenticator',
  summary: 'Get the secret of an authenticator app, which counts once a code has confirmed it',
  who: 'user',
  fresh: true,
  success: {
    status: 200,
    body: Type.Object({
      secret: Type.String({ description: 'base32 (RFC 4648), to type' }),
      uri: Type.String({ description: 'otpauth://totp/…, for a QR code' }),
    }),
  },
  personal: true,
  refusals: [],
  callsPerMinute: 30,
})

export const confirmAuthenticator = endpoint({
  method: 'POST',
  path: '/api/users/me/authenticator/confirm',
  summary: 'Confirm the authenticator app with a code; the first second factor comes with recovery codes',
  who: 'user',
  fresh: true,
  body: closed({ code: Code }),
  success: { status: 200, body: RecoveryCodes },
  personal: true,
  refusals: ['not-found', 'wrong-code'],
  callsPerMinute: 30,
})

export const removeAuthenticator = endpoint({
  method: 'DELETE',
  path: '/api/users/me/authenticator',
  summary: 'Remove the authenticator app',
  who: 'user',
  fresh: true,
  success: { status: 204, body: null },
  refusals: ['not-found', 'last-factor'],
})

export const makeRecoveryCodes = endpoint({
  method: 'POST',
  path: '/api/users/me/recovery-codes',
  summary: 'Get other recovery codes; the earlier ones no longer work',
  who: 'user',
  fresh: true,
  success: { status: 200, body: RecoveryCodes },
  personal: true,
  refusals: ['no-second-factor'],
  callsPerMinute: 10,
})

export const askConfirmation = endpoint({
  method: 'POST',
  path: '/api/users/me/confirmation',
  summary: 'Get another mail with the link that confirms your email; one a minute, ten a day',
  who: 'user',
  success: { status: 204, body: null },
  refusals: [],
})

export const confirmAddress = endpoint({
  method: 'POST',
  path: '/api/users/confirm',
  summary: 'Confirm an email, or move your account to another one, with the link that was sent to it',
  who: 'anyone',
  body: closed({ token: Token }),
  success: { status: 204, body: null },
  refusals: ['invalid-link'],
  callsPerMinute: 30,
})

export const askAddress = endpoint({
  method: 'POST',
  path: '/api/users/me/address',
  summary: 'Move your account to another email: a link goes to it, and the old one stays until the link is used',
  who: 'user',
  fresh: true,
  body: closed({ email: Email }),
  success: { status: 204, body: null },
  refusals: [],
  callsPerMinute: 30,
})

export const undoAddress = endpoint({
  method: 'POST',
  path: '/api/users/undo',
  summary: 'Undo a change of your email with the link that was sent to the old one, and sign out everywhere',
  who: 'anyone',
  body: closed({ token: Token }),
  success: { status: 204, body: null },
  refusals: ['invalid-link'],
  callsPerMinute: 30,
})

export const askReset = endpoint({
  method: 'POST',
  path: '/api/users/reset',
  summary: 'Get a mail with a link to set another password; the answer does not tell whether there is an account',
  who: 'anyone',
  body: closed({ email: KnownEmail }),
  success: { status: 200, body: closed({}) },
  refusals: [],
  callsPerMinute: 10,
})

export const resetPassword = endpoint({
  method: 'POST',
  path: '/api/users/reset/confirm',
  summary: 'Set another password with the link that was sent, and sign out everywhere',
  who: 'anyone',
  body: closed({ token: Token, password: Password }),
  success: { status: 204, body: null },
  refusals: ['invalid-link', 'weak-password', 'banned'],
  callsPerMinute: 30,
})

export const mySessions = endpoint({
  method: 'GET',
  path: '/api/users/me/sessions',
  summary: 'The devices on which you are signed in, most recently used first; at most a hundred',
  who: 'user',
  success: { status: 200, body: Type.Array(SignedInDevice) },
  refusals: [],
})

export const endSession = endpoint({
  method: 'DELETE',
  path: '/api/users/me/sessions/:id',
  summary: 'Sign out one of your devices',
  who: 'user',
  params: closed({ id: Id }),
  success: { status: 204, body: null },
  refusals: ['not-found'],
})

export const askErasure = endpoint({
  method: 'POST',
  path: '/api/users/me/erasure',
  summary:
    'Erase your account, unless an order or money stands in the way. Waits for the outcome; `asked` if a service takes longer',
  who: 'user',
  fresh: true,
  success: { status: 200, body: Erasure },
  refusals: ['forbidden'],
  callsPerMinute: 10,
})

export const myErasure = endpoint({
  method: 'GET',
  path: '/api/users/me/erasure',
  summary: 'Whether your account is being erased, and what stood in the way the last time',
  who: 'user',
  success: { status: 200, body: Erasure },
  refusals: [],
})

const userParams = closed({ id: Id })

export const banUser = endpoint({
  method: 'POST',
  path: '/api/users/:id/ban',
  summary: 'Ban a user and end all their sessions',
  who: 'admin',
  params: userParams,
  body: closed({ reason: text(500, 'why, for the record') }),
  success: { status: 204, body: null },
  refusals: ['not-found', 'forbidden'],
})

export const unbanUser = endpoint({
  method: 'DELETE',
  path: '/api/users/:id/ban',
  summary: 'Lift a ban',
  who: 'admin',
  params: userParams,
  success: { status: 204, body: null },
  refusals: ['not-found'],
})

export const browseAccounts = endpoint({
  method: 'GET',
  path: '/api/admin/users',
  summary: 'Users, newest first',
  who: 'admin',
  query: closed({
    q: Type.Optional(
      Type.String({
        maxLength: 254,
        pattern: '^[^\\u0000\\ud800-\\udfff]*$',
        description: 'the beginning of an email, or an id',
      }),
    ),
    ...paging,
  }),
  success: { status: 200, body: Type.Array(Account) },
  refusals: [],
  paged: true,
})
