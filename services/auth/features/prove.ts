// A user confirms that it is they who hold the session: with the password or, once the account has a second factor,
// with that. The session's next token says when, and endpoints that are `fresh` go by that. An attempt counts as a
// guess of this session alone.

import { prove as endpoint } from '@aisle/contracts/api/users'
import type { Tx } from '@aisle/kit/db/database'
import { isRefusal, type Refusal, refuse } from '@aisle/kit/errors'
import { answer, procedure, type Request } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { methodsOf, readCode } from '../factors.ts'
import { beginCodeGuess, beginGuess } from '../password-guesses.ts'
import { adoptSession, lockCaller } from '../session-rows.ts'
import { toSignIn, type UserRow } from '../user.ts'

export const prove = procedure(endpoint, async (request, service: AuthService) => {
  const { body, session, client, origin } = request
  const { db, clock, audit } = service
  if ((body.password === undefined) === (body.code === undefined))
    return refuse('invalid', { field: 'password', message: 'give either the password or a code' })
  const given = body.code === undefined ? await givePassword(request, service) : await giveCode(request, service)
  if (isRefusal(given)) return given
  return db.tx(async (tx) => {
    const caller = await lockCaller(tx.sql, session)
    if (!caller) return refuse('not-signed-in')
    const { user, row } = caller
    const refused = await given.judge(tx, user)
    if (refused) {
      audit.count(request, { action: 'proof', subject: user.id, outcome: refused.refused })
      return refused
    }
    const now = clock.now()
    if (!row) await adoptSession(tx.sql, session, client, now)
    audit.write(tx, request, { action: 'proof', subject: user.id })
    const hasSecondFactor = session.hasSecondFactor || body.code !== undefined
    return answer(undefined, { signIn: toSignIn(user, { ...session, provedAt: now, hasSecondFactor }) })
  }, origin)
})

type Asked = Request<typeof endpoint>
/** What was given; `judge` decides in a transaction that has locked the user. */
type Given = { judge(tx: Tx, user: UserRow): Promise<Refusal | null> }

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
      if (!isRight || user.passwordHash !== known.passwordHash) return refuse('wrong-password', { field: 'password' })
      await guess.wasRight(tx.sql)
      return null
    },
  }
}

async function giveCode(request: Asked, service: AuthService): Promise<Given | Refusal> {
  const { body, session } = request
  const guess = await beginCodeGuess(service, session.userId, session.id)
  if (isRefusal(guess)) return guess
  const code = await readCode(service, session.userId, body.code ?? '')
  return {
    async judge(tx, user) {
      if (!(await code.use(tx, request, user))) return refuse('wrong-code', { field: 'code' })
      await guess.wasRight(tx.sql)
      return null
    },
  }
}
