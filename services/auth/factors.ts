// The second factors of a user: passkeys, an authenticator app, and recovery codes for when they are gone. An account
// that has one is signed in to by the password and a second step. Whoever changes or uses a factor locks the user
// first.

import type { FactorMethod } from '@aisle/contracts/endpoint'
import type { Factors as FactorsSchema } from '@aisle/contracts/entities'
import { UserSecured } from '@aisle/contracts/messages/auth'
import { plain } from '@aisle/contracts/readable'
import type { Static } from '@aisle/contracts/schema'
import type { Sql, Tx } from '@aisle/kit/db/database'
import type { Client } from '@aisle/kit/http/route'
import type { Session } from '@aisle/kit/http/session'
import { useCode } from './authenticator.ts'
import type { AuthService } from './context.ts'
import { nameDevice } from './device.ts'
import { passkeysOf, toPasskey } from './passkeys.ts'
import { hashCode, useRecoveryCode } from './recovery-codes.ts'
import { toSecured, type UserRow } from './user.ts'

type Factors = Static<typeof FactorsSchema>

/** What the user has. */
export async function factorsOf(sql: Sql, userId: string): Promise<Factors> {
  const [[row], passkeys] = await Promise.all([
    sql<[{ since: Date | null; left: number }]>`
      select (select confirmed_at from authenticators where user_id = ${userId}) as since,
        (select count(*)::int from recovery_codes where user_id = ${userId} and used_at is null) as left`,
    passkeysOf(sql, userId),
  ])
  return {
    authenticator: row.since && { since: row.since.toISOString() },
    passkeys: passkeys.map(toPasskey),
    recoveryCodesLeft: row.left,
  }
}

/**
 * What the user's second step can be, the best first. Empty without a second factor: recovery codes alone are none.
 */
export async function methodsOf(sql: Sql, userId: string): Promise<FactorMethod[]> {
  const { authenticator, passkeys, recoveryCodesLeft } = await factorsOf(sql, userId)
  const factors: FactorMethod[] = [
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
    ...(authenticator ? (['authenticator'] as const) : []),
  ]
  return factors.length > 0 && recoveryCodesLeft > 0 ? [...factors, 'recovery-code'] : factors
}

/** Whether an admin would lose the last second factor with one of `factors`, and needs it. */
export const mustKeepLast = ({ config }: AuthService, { role }: UserRow, { authenticator, passkeys }: Factors) =>
  config.ADMIN_SECOND_FACTOR === 'required' && role === 'admin' && passkeys.length + (authenticator ? 1 : 0) === 1

/** Recovery codes stand in for a factor: without any, they go, too. */
export async function dropCodesWithoutFactor(tx: Tx, userId: string): Promise<void> {
  if ((await methodsOf(tx.sql, userId)).length === 0) await tx.sql`delete from recovery_codes where user_id = ${userId}`
}

/**
 * Removes the second factors of the user, locked by `tx`, that were added since a moment, and recovery codes from then;
 * all of them by default. The user is told. False if there was none.
 */
export async function removeFactors(tx: Tx, user: UserRow, now: Date, since = new Date(0)): Promise<boolean> {
  const { sql } = tx
  const [apps, passkeys] = await Promise.all([
    sql<{ confirmedAt: Date | null }[]>`
      delete from authenticators where user_id = ${user.id} and coalesce(confirmed_at, offered_at) >= ${since}
      returning confirmed_at`,
    sql`delete from passkeys where user_id = ${user.id} and made_at >= ${since}`,
    sql`delete from recovery_codes where user_id = ${user.id} and made_at >= ${since}`,
  ])
  await dropCodesWithoutFactor(tx, user.id)
  const hadApp = apps.some(({ confirmedAt }) => confirmedAt)
  if (hadApp) tx.emit(UserSecured, user.id, toSecured(user, 'authenticator-removed', now))
  if (passkeys.count > 0) tx.emit(UserSecured, user.id, toSecured(user, 'passkey-removed', now))
  return hadApp || passkeys.count > 0
}

export type TypedCode = {
  /** Uses up the code of the user, locked by `tx`. False if it is wrong or used. */
  use(tx: Tx, request: Caller, user: UserRow): Promise<boolean>
}
type Caller = { readonly session: Session | null; readonly client: Client }

/** Prepares the check of a code. A recovery code is hashed here, which takes too long for a transaction. */
export async function readCode(service: AuthService, userId: string, typed: string): Promise<TypedCode> {
  const { db, parts, clock, audit } = service
  const code = plain(typed)
  if (/^\d{6}$/.test(code)) return { use: (tx) => useCode(tx, parts.factorSecrets, { userId, code, now: clock.now() }) }
  const codeHash = await hashCode(db.sql, userId, code)
  return {
    async use(tx, request, user) {
      const now = clock.now()
      if (!codeHash || !(await useRecoveryCode(tx, userId, codeHash, now))) return false
      audit.write(tx, request, { action: 'recovery-code-used', subject: userId, actor: userId })
      tx.emit(UserSecured, userId, toSecured(user, 'recovery-code-used', now, nameDevice(request.client.userAgent)))
      return true
    },
  }
}
