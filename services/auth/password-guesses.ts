// How often a password may be guessed. For each account, and just the same for addresses without one: five tries, then
// pauses of 1 s, 2 s, 4 s up to 15 minutes.
//
// A try is counted before the password is looked at, in one statement that also decides whether it may be made; so any
// number of simultaneous tries, at any replica, are as many as one after the other. The right password takes the count
// away. A device that has signed in to the account before has a count of its own: a stranger who keeps guessing keeps
// other strangers waiting, and not the owner.

import { createHmac } from 'node:crypto'
import type { Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import type { AuthService } from './context.ts'
import { normalizeEmail } from './user.ts'

const freeTries = 5
const longestPauseSeconds = 15 * 60
const longestPauseMs = longestPauseSeconds * 1000
/** A count that was left alone for so long begins again. */
const forgottenMs = 24 * 60 * 60 * 1000

export type Guess = {
  /** Takes the count away: the password was right. */
  wasRight(sql: Sql): Promise<void>
}

/** Counts a try at the password of the account with `email`. `device` is who tries, where that is known; else null. */
export async function beginGuess(
  { db, clock, config }: AuthService,
  email: string,
  device: string | null,
): Promise<Guess | Refusal> {
  const account = createHmac('sha256', config.FINGERPRINT_SECRET)
    .update(`password guesses ${normalizeEmail(email)}`)
    .digest('base64url')
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
        -- A pause that ends later than it can was written by a clock that was ahead.
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

const isForgotten = (sql: Sql, now: Date) => sql`g.next_try_at < ${new Date(now.getTime() - forgottenMs)}`

const rowsAtOnce = 5_000
const forgetEveryMs = 60_000

/** Forgets counts that would begin again; resolves to the milliseconds until the next time. */
export async function forgetGuesses({ db, clock }: AuthService): Promise<number> {
  const now = clock.now()
  const removed = await db.sql`
    delete from password_guesses where ctid in (
      select ctid from password_guesses
      where next_try_at < ${new Date(now.getTime() - forgottenMs)} limit ${rowsAtOnce})`
  return removed.count === rowsAtOnce ? 1_000 : forgetEveryMs
}
