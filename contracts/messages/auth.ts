import { message } from '../message.ts'
import { Id, Timestamp, Type, Version } from '../schema.ts'

/** What others may know of a user: the name that buyers see. The email stays in auth. */
const UserState = Type.Object({ id: Id, version: Version, name: Type.String(), banned: Type.Boolean() })

export const UserCreated = message('auth', 'user:created', UserState)
export const UserUpdated = message('auth', 'user:updated', UserState)

/** Sessions whose password was given at or before `revokedBefore` are refused from now on by every service. */
export const SessionRevoked = message(
  'auth',
  'session:revoked',
  Type.Object({
    userId: Id,
    version: Version,
    revokedBefore: Timestamp,
    reason: Type.Enum(['signed-out-everywhere', 'password-changed', 'banned']),
  }),
)
