// What a browser needs to ask for a passkey: to sign in, to take the second step of a sign-in, or to prove who the
// user is. At a sign-in it names no passkeys, so it reveals nothing about accounts. Only whoever knows the password,
// or has a session, learns which passkeys an account has.

import {
  proofOptions as atProof,
  passkeyOptions as atSignIn,
  secondStepOptions as atStep,
} from '@aisle/contracts/api/passkeys'
import type { RequestOptions } from '@aisle/contracts/passkeys'
import { isRefusal, type Refusal, refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { requestOptions } from '../passkeys.ts'
import { findUserOfStep } from '../second-steps.ts'

const answered = (options: RequestOptions | Refusal) => (isRefusal(options) ? options : answer(options))

export const passkeyOptions = command(atSignIn, async (tx, _, service: AuthService) =>
  answered(await requestOptions(tx.sql, service, { purpose: 'sign-in' })),
)

export const secondStepOptions = command(atStep, async (tx, { body }, service: AuthService) => {
  const user = await findUserOfStep(tx.sql, body.challenge, service.clock.now())
  if (!user) return refuse('second-step-over')
  return answered(await requestOptions(tx.sql, service, { purpose: 'second-step', userId: user.id }))
})

export const proofOptions = command(atProof, async (tx, { session }, service: AuthService) =>
  answered(await requestOptions(tx.sql, service, { purpose: 'proof', userId: session.userId })),
)
