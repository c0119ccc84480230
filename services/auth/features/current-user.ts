// The signed-in user as the database has them now. A token older than an hour is replaced along the way, for up
// to 30 days after the password was entered.

import { currentUser as endpoint } from '@aisle/contracts/api/users'
import { answer, query } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { isDueForRenewal, isRevoked } from '../session.ts'
import { adoptSession, type SessionRow, seeSession } from '../session-rows.ts'
import { toSignIn, toUser, type UserRow } from '../user.ts'

const headers = { 'cache-control': 'no-store' }

export const currentUser = query(endpoint, async ({ session, client, now }, { db, config }: AuthService) => {
  const nobody = answer({ currentUser: null }, { headers })
  if (!session) return nobody
  const [[user], [row]] = await Promise.all([
    db.sql<UserRow[]>`select * from users where id = ${session.userId}`,
    db.sql<SessionRow[]>`select * from sessions where id = ${session.id}`,
  ])
  // The rows may hold a revocation that this replica has not received yet.
  if (!user || user.bannedAt || row?.endedAt || isRevoked(session, user.sessionsRevokedBefore)) return nobody
  if (row) await seeSession(db.sql, row, client, now)
  const needsFactor = config.ADMIN_SECOND_FACTOR === 'required' && user.role === 'admin' && !session.hasSecondFactor
  const body = { currentUser: toUser(user), ...(needsFactor ? { secondFactorNeeded: true as const } : {}) }
  if (!isDueForRenewal(session, now)) return answer(body, { headers })
  if (!row) await adoptSession(db.sql, session, client, now)
  return answer(body, { headers, signIn: toSignIn(user, session) })
})
