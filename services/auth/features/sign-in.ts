// Somebody signs in. An unknown email and a wrong password get the same answer after the same work; only who knows the password hears of a ban.
// The row is read again under a lock that bans and revocations also take, so that a sign-in beside one is either refused or revoked by it.

import { signIn as endpoint } from '@aisle/contracts/api/users'
import { refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { findUserByEmail } from '../queries.ts'
import { momentAfter } from '../session.ts'
import { toSignIn, toUser, type UserRow } from '../user.ts'

export const signIn = procedure(endpoint, async ({ body, now }, { db, parts }: AuthService) => {
  const found = await findUserByEmail(db.sql, body.email)
  const right = await parts.passwords.verify(found?.passwordHash, body.password)
  if (!found || !right) return refuse('invalid-credentials')

  const [user] = await db.sql<UserRow[]>`select * from users where id = ${found.id} for share`
  if (!user || user.passwordHash !== found.passwordHash) return refuse('invalid-credentials')
  if (user.bannedAt) return refuse('banned')
  return answer(toUser(user), { signIn: toSignIn(user, momentAfter(user.sessionsRevokedBefore, now)) })
})
