import { message } from '../message.ts'
import { Id, Timestamp, Type, Version } from '../schema.ts'

/** What other services may know of a user: the name that buyers see. The email stays in auth. */
const UserState = Type.Object({ id: Id, version: Version, name: Type.String(), banned: Type.Boolean() })

export const UserCreated = message('auth', 'user:created', 'An account was made.', UserState)
export const UserUpdated = message(
  'auth',
  'user:updated',
  'The name of a user has changed, or the user was banned or unbanned.',
  UserState,
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
