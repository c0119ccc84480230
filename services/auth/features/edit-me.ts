// A user changes their name, phone or password. A new password asks for the current one, ends every session but this one, and is hashed before the
// transaction, which then checks that the current one is still current. What changes nothing is not announced.

import { editMe as endpoint } from '@aisle/contracts/api/users'
import { UserUpdated } from '@aisle/contracts/messages/auth'
import { tidyPhone } from '@aisle/contracts/phone'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { announceRevocation, lockUser } from '../queries.ts'
import { isRevoked, momentAfter } from '../session.ts'
import { tidyName, toSignIn, toState, toUser, type UserRow } from '../user.ts'

export const editMe = procedure(endpoint, async ({ body, session, origin }, service: AuthService) => {
  const { db, clock, sessions } = service
  const hashes = body.password === undefined ? null : await hashNew(service, session.userId, body)
  if (isRefusal(hashes)) return hashes

  return db.tx(async (tx) => {
    const user = await lockUser(tx.sql, session.userId)
    if (!user || isRevoked(session, user.sessionsRevokedBefore)) return refuse('not-signed-in')
    if (hashes && hashes.current !== user.passwordHash) return refuse('wrong-password', { field: 'currentPassword' })

    const name = body.name === undefined ? user.name : tidyName(body.name) || null
    const phone = body.phone === undefined ? user.phone : tidyPhone(body.phone) || null
    if (name === user.name && phone === user.phone && !hashes) return answer(toUser(user))

    const now = clock.now()
    const revokedBefore = hashes ? momentAfter(user.sessionsRevokedBefore, now) : user.sessionsRevokedBefore
    const [edited] = await tx.sql<[UserRow]>`
        update users set version = version + 1, name = ${name}, phone = ${phone}, password_hash = ${hashes?.next ?? user.passwordHash},
               sessions_revoked_before = ${revokedBefore}, updated_at = ${now}
        where id = ${user.id} returning *`
    if (name !== user.name) tx.emit(UserUpdated, user.id, toState(edited))
    if (hashes) await announceRevocation(tx, sessions, edited, 'password-changed')

    // A token carries the name; and after a new password this device alone goes on.
    const authenticatedAt = hashes ? momentAfter(revokedBefore, now) : session.authenticatedAt
    return answer(toUser(edited), name !== user.name || hashes ? { signIn: toSignIn(edited, authenticatedAt) } : {})
  }, origin)
})

type NewPassword = { password?: string; currentPassword?: string }

async function hashNew({ db, parts }: AuthService, userId: string, { password, currentPassword }: NewPassword) {
  if (currentPassword === undefined || password === undefined)
    return refuse('invalid', { field: 'currentPassword', message: 'is required to change the password' })
  const [user] = await db.sql<UserRow[]>`select * from users where id = ${userId}`
  if (!user || !(await parts.passwords.verify(user.passwordHash, currentPassword)))
    return refuse('wrong-password', { field: 'currentPassword' })
  return { current: user.passwordHash, next: await parts.passwords.hash(password) }
}
