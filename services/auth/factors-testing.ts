// A user with an authenticator app, and the two steps of their sign-in.

import { clock, type Device, member } from './auth-testing.ts'
import { codeAt, stepMs } from './authenticator-testing.ts'

/** The code that an app shows `ms` from now. */
export const codeOf = (secret: string, ms = 0): string => codeAt(secret, new Date(clock.now().getTime() + ms))

/** A code that is none of those that count now. */
export function wrongCode(secret: string): string {
  const right = [-60_000, -30_000, 0, 30_000, 60_000].map((ms) => codeOf(secret, ms))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code))!
}

export async function addAuthenticator(device: Device, at = 0) {
  const offered = await device.send('POST', 'me/authenticator', undefined, {}, at)
  const secret = String(offered.body.secret)
  const confirmed = await device.send('POST', 'me/authenticator/confirm', { code: codeOf(secret) }, {}, at)
  // The code that confirmed it is used.
  clock.advance(stepMs)
  return { secret, offered, confirmed, recoveryCodes: confirmed.body.recoveryCodes as string[] }
}

/** A user with a second factor. */
export async function secured() {
  const user = await member()
  return { ...user, ...(await addAuthenticator(user.device)) }
}

/** Gives the right password; resolves to the challenge of the second step. */
export async function firstStep(device: Device, email: string, at = 0): Promise<string> {
  const refused = await device.signIn(email, undefined, {}, at)
  if (refused.code !== 'second-step-needed') throw new Error(`The password alone was answered ${refused.status}.`)
  return String(refused.body.challenge)
}

export const secondStep = (device: Device, challenge: string, code: string, at = 0) =>
  device.send('POST', 'signin/second', { challenge, code }, {}, at)
