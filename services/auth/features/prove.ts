// A user confirms that it is they who hold the session: with the password. The session's next token says when, and
// endpoints that are `fresh` go by that. An attempt counts as a guess of this session alone.

import { prove as endpoint } from '@aisle/contracts/api/users'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { beginGuess } from '../password-guesses.ts'
import { lockUser } from '../queries.ts'
import { isRevoked } from '../session.ts'
import { adoptSession, type SessionRow } from '../session-rows.ts'
import { toSignIn, type UserRow } from '../user.ts'

export const prove = procedure(endpoint, async (request, service: AuthService) => {
  const { body, session, client, origin } = request
  const { db, parts, clock, audit } = service
  const [known] = await db.sql<UserRow[]>`select * from users where id = ${session.userId}`
  if (!known) return refuse('not-signed-in')
  const guess = await beginGuess(service, known.email, session.id)
  if (isRefusal(guess)) return guess
  if (!(await parts.passwords.verify(known.passwordHash, body.password)).isRight) {
    audit.count(request, { action: 'proof', subject: known.id, outcome: 'wrong-password' })
    return refuse('wrong-password', { field: 'password' })
  }
  return db.tx(async (tx) => {
    const user = await lockUser(tx.sql, session.userId)
    const [row] = await tx.sql<SessionRow[]>`select * from sessions where id = ${session.id}`
    if (!user || row?.endedAt || isRevoked(session, user.sessionsRevokedBefore)) return refuse('not-signed-in')
    if (user.passwordHash !== known.passwordHash) return refuse('wrong-password', { field: 'password' })
    await guess.wasRight(tx.sql)
    const now = clock.now()
    if (!row) await adoptSession(tx.sql, session, client, now)
    audit.write(tx, request, { action: 'proof', subject: user.id })
    return answer(undefined, { signIn: toSignIn(user, { ...session, provedAt: now }) })
  }, origin)
})
