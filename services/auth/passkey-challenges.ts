// What a passkey is asked to sign: 32 random bytes, for one purpose and one user, that count once within five minutes.

import { randomBytes } from 'node:crypto'
import type { Sql } from '@aisle/kit/db/database'
import type { AuthService } from './context.ts'

/** With `sign-in` nobody knows yet whose passkey it will be. */
export type Asking = { purpose: 'register' | 'proof' | 'second-step'; userId: string } | { purpose: 'sign-in' }

/** How long a challenge may be signed, in milliseconds. */
export const challengeMs = 5 * 60 * 1000
const challengeBytes = 32

const userOf = (asking: Asking) => ('userId' in asking ? asking.userId : null)

/** Makes a challenge; resolves to it in base64url. */
export async function makeChallenge(sql: Sql, asking: Asking, now: Date): Promise<string> {
  const challenge = randomBytes(challengeBytes)
  await sql`
    insert into passkey_challenges (challenge, purpose, user_id, expires_at)
    values (${challenge}, ${asking.purpose}, ${userOf(asking)}, ${new Date(now.getTime() + challengeMs)})`
  return challenge.toString('base64url')
}

/** Uses a challenge up. False if there is none, or none for this. */
export async function useChallenge(sql: Sql, challenge: Buffer, asking: Asking, now: Date): Promise<boolean> {
  const used = await sql`
    delete from passkey_challenges
    where challenge = ${challenge} and purpose = ${asking.purpose} and expires_at > ${now}
      and user_id is not distinct from ${userOf(asking)}::uuid
    returning 1`
  return used.length > 0
}

const rowsAtOnce = 5_000
const forgetEveryMs = 60_000

/** Deletes challenges that have expired. Resolves to the milliseconds until the next run. */
export async function forgetChallenges({ db, clock }: AuthService): Promise<number> {
  const removed = await db.sql`
    delete from passkey_challenges where challenge = any (array(
      select challenge from passkey_challenges where expires_at < ${clock.now()} limit ${rowsAtOnce}))`
  return removed.count === rowsAtOnce ? 1_000 : forgetEveryMs
}
