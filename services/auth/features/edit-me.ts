// A user changes their name, phone, password, or the language of their mails. A new password requires the current
// one, and entering it counts as a guess. It ends every session but this one. It is hashed before the transaction,
// which then checks that the current password is still current. Once the account has a second factor, the password
// alone does not do: a fresh proof is needed first. A change that changes nothing is not announced.

import { editMe as endpoint } from '@aisle/contracts/api/users'
import { UserSecured, UserUpdated } from '@aisle/contracts/messages/auth'
import { tidyPhone } from '@aisle/contracts/phone'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, procedure, type Request } from '@aisle/kit/http/route'
import { isFresh } from '@aisle/kit/http/session'
import { emitContact } from '../contacts.ts'
import type { AuthService } from '../context.ts'
import { methodsOf } from '../factors.ts'
import { beginGuess } from '../password-guesses.ts'
import { announceRevocation } from '../queries.ts'
import { momentAfter } from '../session.ts'
import { adoptSession, endSessionsOf, lockCaller } from '../session-rows.ts'
import { tidyName, toSecured, toSignIn, toState, toUser, type UserRow } from '../user.ts'

export const editMe = procedure(endpoint, async (request, service: AuthService) => {
  const { body, session, client, origin } = request
  const { db, clock, sessions, audit } = service
  const change = body.password === undefined ? null : await prepareChange(request, service)
  if (isRefusal(change)) return change

  return db.tx(async (tx) => {
    const caller = await lockCaller(tx.sql, session)
    if (!caller) return refuse('not-signed-in')
    const { user, row } = caller
    if (change && change.current !== user.passwordHash) return refuse('wrong-password', { field: 'currentPassword' })
    const hasFactor = (await methodsOf(tx.sql, user.id)).length > 0
    if (change && hasFactor && !isFresh(session, clock.now())) return refuse('proof-needed')

    const name = body.name === undefined ? user.name : tidyName(body.name) || null
    const phone = body.phone === undefined ? user.phone : tidyPhone(body.phone) || null
    const language = body.language ?? user.language
    if (name === user.name && phone === user.phone && language === user.language && !change) return answer(toUser(user))

    const now = clock.now()
    const revokedBefore = change ? momentAfter(user.sessionsRevokedBefore, now) : user.sessionsRevokedBefore
    const [edited] = await tx.sql<[UserRow]>`
      update users set version = version + 1, name = ${name}, phone = ${phone}, language = ${language},
             password_hash = ${change?.next ?? user.passwordHash},
             sessions_revoked_before = ${revokedBefore}, updated_at = ${now}
      where id = ${user.id} returning *`
    if (name !== user.name) tx.emit(UserUpdated, user.id, toState(edited))
    if (name !== user.name || language !== user.language) await emitContact(tx, edited)
    // The token contains the name; and after a new password only this device stays signed in.
    if (name === user.name && !change) return answer(toUser(edited))
    if (!row) await adoptSession(tx.sql, session, client, now)
    if (!change) return answer(toUser(edited), { signIn: toSignIn(edited, session) })

    await change.wasRight(tx.sql)
    await endSessionsOf(tx.sql, user.id, 'password-changed', now, session.id)
    await announceRevocation(tx, sessions, edited, 'password-changed')
    tx.emit(UserSecured, user.id, toSecured(edited, 'password-changed', now))
    audit.write(tx, request, { action: 'password-change', subject: user.id })
    const authenticatedAt = momentAfter(revokedBefore, now)
    await tx.sql`update sessions set authenticated_at = ${authenticatedAt} where id = ${session.id}`
    const provedAt = hasFactor ? session.provedAt : now
    return answer(toUser(edited), { signIn: toSignIn(edited, { ...session, authenticatedAt, provedAt }) })
  }, origin)
})

async function prepareChange(request: Request<typeof endpoint>, service: AuthService) {
  const { body, session } = request
  const { db, parts, clock, audit } = service
  const { password, currentPassword } = body
  if (currentPassword === undefined || password === undefined)
    return refuse('invalid', { field: 'currentPassword', message: 'is required to change the password' })
  const [user] = await db.sql<UserRow[]>`select * from users where id = ${session.userId} and erased_at is null`
  if (!user) return refuse('not-signed-in')
  if (!isFresh(session, clock.now()) && (await methodsOf(db.sql, user.id)).length > 0) return refuse('proof-needed')
  // Counted for this session alone: guesses by strangers do not stop the owner from changing the password.
  const guess = await beginGuess(service, user.email, session.id)
  if (isRefusal(guess)) return guess
  if (!(await parts.passwords.verify(user.passwordHash, currentPassword)).isRight) {
    audit.count(request, { action: 'password-change', subject: user.id, outcome: 'wrong-password' })
    return refuse('wrong-password', { field: 'currentPassword' })
  }
  const person = { email: user.email, name: body.name || user.name, phone: body.phone || user.phone }
  if (parts.isWeak(password, person)) return refuse('weak-password', { field: 'password' })
  return { current: user.passwordHash, next: await parts.passwords.hash(password), wasRight: guess.wasRight }
}
