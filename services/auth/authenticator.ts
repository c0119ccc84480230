// Codes of an authenticator app: TOTP (RFC 6238) with what every app can, SHA-1, six digits and steps of 30 seconds.
// A code is accepted one step early or late, for clocks that are wrong, and once: the row keeps the last step.

import type { Tx } from '@aisle/kit/db/database'
import { Secret, TOTP } from 'otpauth'
import type { FactorSecrets } from './factor-secrets.ts'

const secretBytes = 20
const stepMs = 30_000
const window = 1

/** A new secret, in base32. */
export const makeSecret = (): string => new Secret({ size: secretBytes }).base32

const totp = (secret: string, label = '') =>
  new TOTP({ issuer: 'Aisle', label, secret, algorithm: 'SHA1', digits: 6, period: stepMs / 1000 })

/** What an app reads from a QR code: the secret, and for which account it is. */
export const toUri = (secret: string, email: string): string => totp(secret, email).toString()

/** The step whose code this is, at `now` or one step beside it; null if it is none of them. */
export function stepOf(secret: string, code: string, now: Date): number | null {
  // The library compares bytes, and throws where characters are several of them.
  if (!/^[0-9]{6}$/.test(code)) return null
  const delta = totp(secret).validate({ token: code, window, timestamp: now.getTime() })
  return delta === null ? null : Math.floor(now.getTime() / stepMs) + delta
}

export type AuthenticatorRow = {
  readonly userId: string
  readonly secret: string | null
  readonly confirmedAt: Date | null
  readonly lastStep: number | null
  readonly offeredSecret: string | null
}

/** Uses up a code of the user, locked by `tx`. False if it is wrong, or its step or a later one was used before. */
export async function useCode(
  tx: Tx,
  secrets: FactorSecrets,
  { userId, code, now }: { userId: string; code: string; now: Date },
): Promise<boolean> {
  const [row] = await tx.sql<AuthenticatorRow[]>`select * from authenticators where user_id = ${userId}`
  if (!row?.secret) return false
  // Each start reports a secret that cannot be opened (reseal-secrets.ts). No code of it is right.
  const secret = await secrets.open(userId, row.secret).catch(() => null)
  const step = secret === null ? null : stepOf(secret, code, now)
  if (step === null || (row.lastStep !== null && step <= row.lastStep)) return false
  await tx.sql`update authenticators set last_step = ${step} where user_id = ${userId}`
  return true
}
