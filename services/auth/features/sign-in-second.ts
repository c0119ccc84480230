// A user takes the second step of a sign-in: with a code of the authenticator app, or a recovery code. Attempts count
// as guesses of the account, and the right password does not reset that count: a stranger who has the password gets no
// more of them. The row lock of the user decides between two uses of a code or a step, and beside a ban or a new
// password, which end the step.

import { signInSecond as endpoint } from '@aisle/contracts/api/users'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { readCode } from '../factors.ts'
import { letIn } from '../let-in.ts'
import { beginCodeGuess } from '../password-guesses.ts'
import { endStep, findUserOfStep, lockUserOfStep } from '../second-steps.ts'

export const signInSecond = procedure(endpoint, async (request, service: AuthService) => {
  const { body, client, origin } = request
  const { db, parts, clock, audit } = service
  const known = await findUserOfStep(db.sql, body.challenge, clock.now())
  if (!known) return refuse('second-step-over')
  const guess = await beginCodeGuess(service, known.id, parts.knownDevices.know(client.device, known.id))
  if (isRefusal(guess)) return guess
  const code = await readCode(service, known.id, body.code)

  return db.tx(async (tx) => {
    const user = await lockUserOfStep(tx.sql, body.challenge, clock.now())
    if (!user) return refuse('second-step-over')
    if (!(await code.use(tx, request, user))) {
      audit.count(request, { action: 'sign-in', subject: user.id, outcome: 'wrong-code' })
      return refuse('wrong-code', { field: 'code' })
    }
    await guess.wasRight(tx.sql)
    await endStep(tx.sql, body.challenge)
    return letIn(tx, service, request, user, { hasSecondFactor: true })
  }, origin)
})
