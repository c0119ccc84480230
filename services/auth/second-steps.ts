// A sign-in whose password was right and whose second step is missing: no session yet, but a secret that whoever gave
// the password sends back with a code. It works once, for ten minutes, and not after the user's sessions were revoked:
// by a new password, a ban, or signing out everywhere. The row has the SHA-256 of it.

import { createHash, randomBytes } from 'node:crypto'
import type { Sql } from '@aisle/kit/db/database'
import type { AuthService } from './context.ts'
import { lockUser } from './queries.ts'
import { isRevoked } from './session.ts'
import type { UserRow } from './user.ts'

const secretBytes = 32
const validForMs = 10 * 60 * 1000

const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

type Begun = { readonly userId: string; readonly authenticatedAt: Date; readonly now: Date }

/** Begins the second step of the user, locked. Resolves to its secret. */
export async function beginStep(sql: Sql, { userId, authenticatedAt, now }: Begun): Promise<string> {
  const token = randomBytes(secretBytes).toString('base64url')
  await sql`
    insert into second_steps (token_hash, user_id, authenticated_at, expires_at)
    values (${hashToken(token)}, ${userId}, ${authenticatedAt}, ${new Date(now.getTime() + validForMs)})`
  return token
}

/** The user of the step with this secret; undefined if it is unknown, used, expired or revoked. */
export async function findUserOfStep(sql: Sql, token: string, now: Date): Promise<UserRow | undefined> {
  const [user] = await sql<(UserRow & { stepAt: Date })[]>`
    select u.*, s.authenticated_at as step_at from second_steps s join users u on u.id = s.user_id
    where s.token_hash = ${hashToken(token)} and s.expires_at > ${now}`
  return user && !isRevoked({ authenticatedAt: user.stepAt }, user.sessionsRevokedBefore) ? user : undefined
}

/** Like `findUserOfStep`; the user is locked. */
export async function lockUserOfStep(sql: Sql, token: string, now: Date): Promise<UserRow | undefined> {
  const found = await findUserOfStep(sql, token, now)
  // Read again under the lock: of two uses at the same time, the second finds it used.
  return found && (await lockUser(sql, found.id)) && findUserOfStep(sql, token, now)
}

/** Ends the step, whose user is locked: it works once. */
export async function endStep(sql: Sql, token: string): Promise<void> {
  await sql`delete from second_steps where token_hash = ${hashToken(token)}`
}

const rowsAtOnce = 5_000
const forgetEveryMs = 60_000

/** Deletes steps that nobody took in time. Resolves to the milliseconds until the next run. */
export async function forgetSteps({ db, clock }: AuthService): Promise<number> {
  const removed = await db.sql`
    delete from second_steps where ctid in (
      select ctid from second_steps where expires_at < ${clock.now()} limit ${rowsAtOnce})`
  return removed.count === rowsAtOnce ? 1_000 : forgetEveryMs
}
