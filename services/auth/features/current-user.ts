// Who is signed in, as the database knows them now. A token older than an hour is replaced on the way, for 30 days after the password was given.

import { currentUser as endpoint } from '@aisle/contracts/api/users'
import { answer, query } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { isDueForRenewal, isRevoked } from '../session.ts'
import { toSignIn, toUser, type UserRow } from '../user.ts'

const headers = { 'cache-control': 'no-store' }

export const currentUser = query(endpoint, async ({ session, now }, { db }: AuthService) => {
  if (!session) return answer({ currentUser: null }, { headers })
  const [user] = await db.sql<UserRow[]>`select * from users where id = ${session.userId}`
  // A replica may not have heard of a revocation that the user's row knows.
  if (!user || user.bannedAt || isRevoked(session, user.sessionsRevokedBefore))
    return answer({ currentUser: null }, { headers })
  if (!isDueForRenewal(session, now)) return answer({ currentUser: toUser(user) }, { headers })
  return answer({ currentUser: toUser(user) }, { headers, signIn: toSignIn(user, session.authenticatedAt) })
})
