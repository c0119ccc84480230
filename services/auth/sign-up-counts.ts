// How many accounts one address may create per hour. Counted in the transaction that creates the account, so a
// refused sign-up does not count, and concurrent sign-ups cannot exceed the limit.

import type { Tx } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import { networkOf } from '@aisle/kit/http/network'
import type { AuthService } from './context.ts'

const hourMs = 60 * 60 * 1000

/**
 * Null if another account may be created from `address`, which is then counted. RATE_LIMIT=off lifts every
 * limit by address.
 */
export async function countSignUp(
  tx: Tx,
  { clock, config }: Pick<AuthService, 'clock' | 'config'>,
  address: string,
): Promise<Refusal | null> {
  if (config.RATE_LIMIT === 'off') return null
  const network = networkOf(address)
  const now = clock.now()
  const endsAt = new Date(now.getTime() + hourMs)
  // An hour that ends later than possible was written by a clock that ran ahead.
  const isOver = tx.sql`(c.ends_at <= ${now} or c.ends_at > ${endsAt})`
  const counted = await tx.sql`
    insert into sign_up_counts as c (address, count, ends_at) values (${network}, 1, ${endsAt})
    on conflict on constraint sign_up_counts_pkey do update
      set count = case when ${isOver} then 1 else c.count + 1 end,
          ends_at = case when ${isOver} then ${endsAt} else c.ends_at end
      where ${isOver} or c.count < ${config.SIGN_UPS_PER_HOUR}
    returning 1`
  if (counted.length > 0) return null
  const [row] = await tx.sql<{ endsAt: Date }[]>`select ends_at from sign_up_counts where address = ${network}`
  const leftMs = (row?.endsAt.getTime() ?? 0) - now.getTime()
  return refuse('too-many-requests', { retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) })
}

const rowsAtOnce = 5_000
const forgetEveryMs = 60_000

/** Deletes counts whose hour is over. Resolves to the milliseconds until the next run. */
export async function forgetSignUpCounts({ db, clock }: AuthService): Promise<number> {
  const removed = await db.sql`
    delete from sign_up_counts where ctid in (
      select ctid from sign_up_counts where ends_at < ${clock.now()} limit ${rowsAtOnce})`
  return removed.count === rowsAtOnce ? 1_000 : forgetEveryMs
}
