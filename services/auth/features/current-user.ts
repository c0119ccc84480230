// Who is signed in, as the database knows them now. A token older than an hour is replaced on the way, for 30 days after the password was given.

import { currentUser as endpoint } from '@aisle/contracts/api/users'
import { answer, query } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { isDueForRenewal } from '../session.ts'
import { toSignIn, toUser, type UserRow } from '../user.ts'

const headers = { 'cache-control': 'no-store' }

export const currentUser = query(endpoint, async ({ session, now }, { db }: AuthService) => {
  if (!session) return answer({ currentUser: null }, { headers })
  const [user] = await db.sql<UserRow[]>`select * from users where id = ${session.userId}`
  if (!user || user.bannedAt) return answer({ currentUser: null }, { headers })
  if (!isDueForRenewal(session, now)) return answer({ currentUser: toUser(user) }, { headers })
  return answer({ currentUser: toUser(user) }, { headers, signIn: toSignIn(user, session.authenticatedAt) })
})
