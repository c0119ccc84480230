// A user ends all their sessions, this one included. session:revoked makes every service refuse them within a
// second.

import { signOutEverywhere as endpoint } from '@aisle/contracts/api/users'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { announceRevocation, lockUser } from '../queries.ts'
import { momentAfter } from '../session.ts'
import { endSessionsOf } from '../session-rows.ts'
import type { UserRow } from '../user.ts'

export const signOutEverywhere = command(endpoint, async (tx, request, { clock, sessions, audit }: AuthService) => {
  const { session } = request
  const user = await lockUser(tx.sql, session.userId)
  if (!user) return refuse('not-signed-in')
  // Read the clock under the lock, so every sign-in that held the lock before is earlier.
  const now = clock.now()
  const [signedOut] = await tx.sql<[UserRow]>`
    update users set version = version + 1, sessions_revoked_before = ${momentAfter(user.sessionsRevokedBefore, now)},
      updated_at = ${now}
    where id = ${user.id} returning *`
  await endSessionsOf(tx.sql, user.id, 'signed-out-everywhere', now)
  await announceRevocation(tx, sessions, signedOut, 'signed-out-everywhere')
  audit.write(tx, request, { action: 'sign-out-everywhere', subject: user.id })
  return answer({}, { signIn: null })
})
