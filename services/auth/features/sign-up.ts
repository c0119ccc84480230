// A visitor creates an account and is signed in. Whether the address has an account already is told to its owner
// alone: the answer, and what is written for it, are the same. Of the accounts with one address, the one that confirms
// it first owns it; users_email_normalized_key guards that it is one. The password is hashed before the transaction,
// because an open transaction holds back the message log.

import { signUp as endpoint } from '@aisle/contracts/api/users'
import { normalizeAddress } from '@aisle/contracts/email'
import { UserCreated } from '@aisle/contracts/messages/auth'
import { Rollback } from '@aisle/kit/db/database'
import { refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { askForLink } from '../links.ts'
import { insertUser } from '../queries.ts'
import { beginSession, endSession } from '../session-rows.ts'
import { countSignUp } from '../sign-up-counts.ts'
import { toSignIn, toState, toUser } from '../user.ts'

export const signUp = procedure(endpoint, async (request, service: AuthService) => {
  const { body, client, session, now, origin } = request
  const { db, newId, parts } = service
  const { email, name, password, language } = body
  if (normalizeAddress(email) === null)
    return refuse('invalid', { field: 'email', message: 'has a domain that cannot be, or is too long' })
  if (parts.isWeak(password, { email, name })) return refuse('weak-password', { field: 'password' })
  const passwordHash = await parts.passwords.hash(password)
  return db.tx(async (tx) => {
    const made = { id: newId(), email, name, role: 'user', passwordHash, language, now } as const
    // The second time, it claims the address that a concurrent sign-up has just taken.
    const user = (await insertUser(tx.sql, made)) ?? (await insertUser(tx.sql, made))
    if (!user) throw new Error('The address could neither be taken nor claimed.')
    const tooMany = await countSignUp(tx, service, client.address)
    if (tooMany) throw new Rollback(tooMany)
    tx.emit(UserCreated, user.id, toState(user))
    await askForLink(tx, { id: newId(), userId: user.id, purpose: 'confirm-address', now })
    if (session) await endSession(tx, service, session, 'replaced')
    const sessionId = newId()
    await beginSession(tx.sql, { id: sessionId, userId: user.id, client, authenticatedAt: now, now })
    service.audit.write(tx, request, { action: 'sign-up', subject: user.id, actor: user.id, sessionId })
    const begun = { id: sessionId, authenticatedAt: now, provedAt: now, hasSecondFactor: false }
    const device = parts.knownDevices.remember(client.device, user.id)
    return answer(toUser(user), { signIn: { ...toSignIn(user, begun), device } })
  }, origin)
})
