// What notices forgets of erased users, and when: see features/erase-user.ts.

import type { Job } from '@aisle/kit/boot/service'
import type { Tx } from '@aisle/kit/db/database'
import type { NoticesService } from './context.ts'

/** The last mail may take so long. What came late, from a transaction that had begun before, is here by then, too. */
const keptMs = 24 * 60 * 60 * 1000
const usersAtOnce = 100
const everyMs = 1_000

export const forgetErased: Job<NoticesService> = {
  name: 'forget erased users',
  async run({ db, clock }) {
    const now = clock.now()
    const before = new Date(now.getTime() - keptMs)
    const due = await db.sql<{ userId: string }[]>`
      select user_id from erased_users e
      where forgotten_at is null and (at < ${before} or (key_gone_at is null and not exists (
        select from notices n join deliveries d on d.notice_id = n.id
        where n.user_id = e.user_id and not n.is_shown and d.status in ('queued', 'deferred'))))
      order by at limit ${usersAtOnce}`
    for (const { userId } of due)
      await db.tx(async (tx) => {
        forgetNoticesOf(tx, userId)
        for (const table of ['contact_keys', 'contacts'])
          tx.send(tx.sql`delete from ${tx.sql(table)} where user_id = ${userId}`)
        tx.send(tx.sql`
          update erased_users set key_gone_at = coalesce(key_gone_at, ${now}),
            forgotten_at = case when at < ${before} then ${now}::timestamptz end
          where user_id = ${userId}`)
      })
    return due.length === usersAtOnce ? 0 : everyMs
  },
}

/** Deletes what a user was told, and what they have chosen. */
export function forgetNoticesOf({ sql, send }: Tx, userId: string): void {
  const own = sql`
    select id from notices where user_id = ${userId} and is_shown
    union all select id from notices where user_id = ${userId} and not is_shown`
  send(sql`delete from deliveries where notice_id in (${own})`)
  send(sql`delete from notices where id in (${own})`)
  for (const table of ['inboxes', 'preferences']) send(sql`delete from ${sql(table)} where user_id = ${userId}`)
}
