// An admin lifts a ban. The old sessions stay ended; the user signs in again. For a user who is not banned this
// does nothing and announces nothing.

import { unbanUser as endpoint } from '@aisle/contracts/api/users'
import { UserSecured, UserUpdated } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { lockUser } from '../queries.ts'
import { toSecured, toState, type UserRow } from '../user.ts'

export const unbanUser = command(endpoint, async (tx, request, { audit }: AuthService) => {
  const { params, now } = request
  const user = await lockUser(tx.sql, params.id)
  if (!user) return refuse('not-found')
  if (!user.bannedAt) return answer(undefined)
  const [free] = await tx.sql<[UserRow]>`
    update users set version = version + 1, banned_at = null, ban_reason = null, updated_at = ${now}
    where id = ${user.id} returning *`
  tx.emit(UserUpdated, user.id, toState(free))
  tx.emit(UserSecured, user.id, toSecured(free, 'unbanned', now))
  audit.write(tx, request, { action: 'unban', subject: user.id })
  return answer(undefined)
})
