// How often something may happen within a time: one row each, counted in the transaction of what happens. So a
// refused request does not count, and concurrent ones cannot exceed the limit.

import type { Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import type { AuthService } from './context.ts'

/** The tables of counts, with the column that says whose they are. */
const keys = { sign_up_counts: 'address', link_counts: 'who' } as const
type Counted = { table: keyof typeof keys; who: string; most: number; withinMs: number; now: Date }

/** Null if it may happen once more for `who`, which is then counted. */
export async function countOnce(sql: Sql, { table, who, most, withinMs, now }: Counted): Promise<Refusal | null> {
  const key = sql(keys[table])
  const endsAt = new Date(now.getTime() + withinMs)
  // A window that ends later than possible was written by a clock that ran ahead.
  const isOver = sql`(c.ends_at <= ${now} or c.ends_at > ${endsAt})`
  const counted = await sql`
    insert into ${sql(table)} as c (${key}, count, ends_at) values (${who}, 1, ${endsAt})
    on conflict (${key}) do update
      set count = case when ${isOver} then 1 else c.count + 1 end,
          ends_at = case when ${isOver} then ${endsAt} else c.ends_at end
      where ${isOver} or c.count < ${most}
    returning 1`
  if (counted.length > 0) return null
  const [row] = await sql<{ endsAt: Date }[]>`select ends_at from ${sql(table)} where ${key} = ${who}`
  const leftMs = (row?.endsAt.getTime() ?? 0) - now.getTime()
  return refuse('too-many-requests', { retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) })
}

const minuteMs = 60 * 1000
const mailLimits = [
  { per: 'minute', most: 1, withinMs: minuteMs },
  { per: 'day', most: 10, withinMs: 24 * 60 * minuteMs },
]

/** Null if the user may ask for another mail of this kind, which is then counted: one a minute, ten a day. */
export async function countMail(sql: Sql, kind: string, userId: string, now: Date): Promise<Refusal | null> {
  for (const { per, most, withinMs } of mailLimits) {
    const who = `${kind} ${per} ${userId}`
    const tooMany = await countOnce(sql, { table: 'link_counts', who, most, withinMs, now })
    if (tooMany) return tooMany
  }
  return null
}

const rowsAtOnce = 5_000
const forgetEveryMs = 60_000

/** Deletes counts whose time is over. Resolves to the milliseconds until the next run. */
export async function forgetCounts({ db: { sql }, clock }: AuthService): Promise<number> {
  const now = clock.now()
  let most = 0
  for (const table of Object.keys(keys)) {
    const removed = await sql`
      delete from ${sql(table)} where ctid in (
        select ctid from ${sql(table)} where ends_at < ${now} limit ${rowsAtOnce})`
    most = Math.max(most, removed.count)
  }
  return most === rowsAtOnce ? 1_000 : forgetEveryMs
}
