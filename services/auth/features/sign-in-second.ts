// A user takes the second step of a sign-in: with a code of the authenticator app, a recovery code or a passkey. Codes
// count as guesses of the account, and the right password does not reset that count: a stranger who has the password
// gets no more of them. The row lock of the user decides between two uses of a factor or a step, and beside a ban or a
// new password, which end the step.

import { signInSecond as endpoint } from '@aisle/contracts/api/users'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { giveFactor } from '../given-factor.ts'
import { letIn } from '../let-in.ts'
import { endStep, findUserOfStep, lockUserOfStep } from '../second-steps.ts'

export const signInSecond = procedure(endpoint, async (request, service: AuthService) => {
  const { body, client, origin } = request
  const { db, parts, clock, audit } = service
  if ((body.code === undefined) === (body.passkey === undefined))
    return refuse('invalid', { field: 'code', message: 'give either a code or a passkey' })
  const known = await findUserOfStep(db.sql, body.challenge, clock.now())
  if (!known) return refuse('second-step-over')
  const device = parts.knownDevices.know(client.device, known.id)
  const given = await giveFactor(service, request, body, { userId: known.id, device, purpose: 'second-step' })
  if (isRefusal(given)) return given

  return db.tx(async (tx) => {
    const user = await lockUserOfStep(tx.sql, body.challenge, clock.now())
    if (!user) return refuse('second-step-over')
    const wrong = await given.judge(tx, user)
    if (wrong) {
      const { refusal, detail } = wrong
      audit.count(request, { action: 'sign-in', subject: user.id, outcome: refusal.refused, detail })
      return refusal
    }
    await endStep(tx.sql, body.challenge)
    return letIn(tx, service, request, user, { hasSecondFactor: true })
  }, origin)
})
