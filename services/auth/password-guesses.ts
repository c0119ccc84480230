// Limits guesses at passwords, and at the codes of a second factor. Each account, and likewise each address without an
// account, gets five attempts, then pauses of 1 s, 2 s, 4 s, up to 15 minutes.
//
// An attempt is counted before the password is checked, in one statement that also decides whether the attempt
// is allowed. Any number of concurrent attempts, at any replica, therefore counts the same as sequential ones.
// The right password resets the count. A device that has signed in to the account before has its own count: a
// stranger who keeps guessing delays other strangers, but not the owner.

import { createHmac } from 'node:crypto'
import type { Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import type { AuthService } from './context.ts'
import { normalizeEmail } from './user.ts'

const freeTries = 5
const longestPauseSeconds = 15 * 60
const longestPauseMs = longestPauseSeconds * 1000
/** A count left untouched for this long starts over. */
const forgottenMs = 24 * 60 * 60 * 1000

export type Guess = {
  /** Resets the count: the password or the code was right. */
  wasRight(sql: Sql): Promise<void>
}

/**
 * Counts an attempt at the password of the account with `email`. `device` identifies the client if known, else
 * null.
 */
export const beginGuess = (service: AuthService, email: string, device: string | null): Promise<Guess | Refusal> =>
  count(service, accountOf(service.config, email), device)

/** Likewise an attempt at a code of a second factor. The two counts are apart: a right password is not a right code. */
export const beginCodeGuess = (service: AuthService, userId: string, device: string | null) =>
  count(service, codesOf(service.config, userId), device)

async function count({ db, clock }: AuthService, account: string, device: string | null): Promise<Guess | Refusal> {
  const who = device ?? ''
  const now = clock.now()
  const [row] = await db.sql<{ isCounted: boolean; nextTryAt: Date }[]>`
    with counted as (
      insert into password_guesses as g (account, device, guesses, next_try_at) values (${account}, ${who}, 1, ${now})
      on conflict on constraint password_guesses_pkey do update
        set guesses = case when ${isForgotten(db.sql, now)} then 1 else g.guesses + 1 end,
            next_try_at = ${now}::timestamptz + interval '1 second' * case
              when ${isForgotten(db.sql, now)} or g.guesses + 1 < ${freeTries} then 0
              else least(${longestPauseSeconds}, power(2, least(g.guesses + 1 - ${freeTries}, 20))) end
        -- A pause that ends later than the longest possible was written by a clock that ran ahead.
        where g.next_try_at <= ${now} or g.next_try_at > ${new Date(now.getTime() + longestPauseMs)}
      returning next_try_at)
    select true as is_counted, next_try_at from counted
    union all
    select false, next_try_at from password_guesses
    where account = ${account} and device = ${who} and not exists (select from counted)`
  if (!row?.isCounted) {
    const pauseMs = row ? row.nextTryAt.getTime() - now.getTime() : 0
    return refuse('too-many-requests', { retryAfterSeconds: Math.max(1, Math.ceil(pauseMs / 1000)) })
  }
  return {
    async wasRight(sql) {
      await sql`delete from password_guesses where account = ${account} and device = ${who}`
    },
  }
}

/** Resets all counts of the password of the account with `email`. */
export async function forgetGuessesOf(sql: Sql, { config }: AuthService, email: string): Promise<void> {
  await sql`delete from password_guesses where account = ${accountOf(config, email)}`
}

/** Resets all counts of the codes of a user. */
export async function forgetCodeGuessesOf(sql: Sql, { config }: AuthService, userId: string): Promise<void> {
  await sql`delete from password_guesses where account = ${codesOf(config, userId)}`
}

type Config = AuthService['config']
const codesOf = (config: Config, userId: string) => keyed(config, `code guesses ${userId}`)
const accountOf = (config: Config, email: string) => keyed(config, `password guesses ${normalizeEmail(email)}`)
const keyed = ({ FINGERPRINT_SECRET }: Config, subject: string): string =>
  createHmac('sha256', FINGERPRINT_SECRET).update(subject).digest('base64url')

const isForgotten = (sql: Sql, now: Date) => sql`g.next_try_at < ${new Date(now.getTime() - forgottenMs)}`

const rowsAtOnce = 5_000
const forgetEveryMs = 60_000

/** Deletes counts that would start over anyway. Resolves to the milliseconds until the next run. */
export async function forgetGuesses({ db, clock }: AuthService): Promise<number> {
  const now = clock.now()
  const removed = await db.sql`
    delete from password_guesses where ctid in (
      select ctid from password_guesses
      where next_try_at < ${new Date(now.getTime() - forgottenMs)} limit ${rowsAtOnce})`
  return removed.count === rowsAtOnce ? 1_000 : forgetEveryMs
}
