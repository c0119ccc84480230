// An admin bans a user: every service refuses the user's sessions within a second, and the password no longer
// signs in. Banning again answers 204 and announces nothing. Admins cannot ban themselves, so at least one
// admin always remains.

import { banUser as endpoint } from '@aisle/contracts/api/users'
import { UserSecured, UserUpdated } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { announceRevocation, lockUser } from '../queries.ts'
import { momentAfter } from '../session.ts'
import { endSessionsOf } from '../session-rows.ts'
import { toSecured, toState, type UserRow } from '../user.ts'

export const banUser = command(endpoint, async (tx, request, { clock, sessions, audit }: AuthService) => {
  const { params, body, session } = request
  if (params.id === session.userId) return refuse('forbidden', { message: 'You cannot ban yourself.' })
  const user = await lockUser(tx.sql, params.id)
  if (!user) return refuse('not-found')
  if (user.bannedAt) return answer(undefined)

  const now = clock.now()
  const [banned] = await tx.sql<[UserRow]>`
    update users set version = version + 1, banned_at = ${now}, ban_reason = ${body.reason.trim()},
           sessions_revoked_before = ${momentAfter(user.sessionsRevokedBefore, now)}, updated_at = ${now}
    where id = ${user.id} returning *`
  tx.emit(UserUpdated, user.id, toState(banned))
  tx.emit(UserSecured, user.id, toSecured(banned, 'banned', now))
  await endSessionsOf(tx.sql, user.id, 'banned', now)
  await announceRevocation(tx, sessions, banned, 'banned')
  audit.write(tx, request, { action: 'ban', subject: user.id })
  return answer(undefined)
})
