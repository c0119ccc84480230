// A user confirms that it is they who hold the session: with the password or, once the account has a second factor,
// with that. The session's next token says when, and endpoints that are `fresh` go by that. An attempt counts as a
// guess of this session alone.

import { prove as endpoint } from '@aisle/contracts/api/users'
import { isRefusal, type Refusal, refuse } from '@aisle/kit/errors'
import { answer, procedure, type Request } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { methodsOf } from '../factors.ts'
import { type Given, giveFactor } from '../given-factor.ts'
import { beginGuess } from '../password-guesses.ts'
import { adoptSession, lockCaller } from '../session-rows.ts'
import { toSignIn, type UserRow } from '../user.ts'

export const prove = procedure(endpoint, async (request, service: AuthService) => {
  const { body, session, client, origin } = request
  const { db, clock, audit } = service
  const isByPassword = body.password !== undefined
  if ([body.password, body.code, body.passkey].filter((one) => one !== undefined).length !== 1)
    return refuse('invalid', { field: 'password', message: 'give either the password, a code or a passkey' })
  const asked = { userId: session.userId, device: session.id, purpose: 'proof' } as const
  const given = isByPassword ? await givePassword(request, service) : await giveFactor(service, request, body, asked)
  if (isRefusal(given)) return given
  return db.tx(async (tx) => {
    const caller = await lockCaller(tx.sql, session)
    if (!caller) return refuse('not-signed-in')
    const { user, row } = caller
    const wrong = await given.judge(tx, user)
    if (wrong) {
      const { refusal, detail } = wrong
      audit.count(request, { action: 'proof', subject: user.id, outcome: refusal.refused, detail })
      return refusal
    }
    const now = clock.now()
    if (!row) await adoptSession(tx.sql, session, client, now)
    audit.write(tx, request, { action: 'proof', subject: user.id })
    const hasSecondFactor = session.hasSecondFactor || !isByPassword
    return answer(undefined, { signIn: toSignIn(user, { ...session, provedAt: now, hasSecondFactor }) })
  }, origin)
})

type Asked = Request<typeof endpoint>

async function givePassword(request: Asked, service: AuthService): Promise<Given | Refusal> {
  const { body, session } = request
  const { db, parts, audit } = service
  const [known] = await db.sql<UserRow[]>`select * from users where id = ${session.userId}`
  if (!known) return refuse('not-signed-in')
  const methods = await methodsOf(db.sql, known.id)
  if (methods.length > 0) {
    audit.count(request, { action: 'proof', subject: known.id, outcome: 'second-step-needed' })
    return refuse('second-step-needed', { extra: { methods } })
  }
  const guess = await beginGuess(service, known.email, session.id)
  if (isRefusal(guess)) return guess
  const { isRight } = await parts.passwords.verify(known.passwordHash, body.password ?? '')
  return {
    async judge(tx, user) {
      // It may have been changed meanwhile.
      if (!isRight || user.passwordHash !== known.passwordHash)
        return { refusal: refuse('wrong-password', { field: 'password' }) }
      await guess.wasRight(tx.sql)
      return null
    },
  }
}
