// Accounts whose address was never confirmed, and that nobody has used for a month, are erased, in the same way as when
// their users ask for it: the other services may object. Nobody could get into them again without their password, and
// the address may be a stranger's. Banned accounts stay, and so do accounts from before anyone was asked to confirm.

import type { AuthService } from './context.ts'
import { askForErasure, unusedSince } from './erasures.ts'
import { lockUser } from './queries.ts'

const rowsAtOnce = 100
const everyMs = 10 * 60 * 1000

/** Asks for the erasure of unused accounts. Resolves to the milliseconds until the next run. */
export async function eraseUnused({ db, clock, log }: AuthService): Promise<number> {
  const now = clock.now()
  const before = unusedSince(now)
  const unused = await db.sql<{ id: string }[]>`
    select id from users u
    where email_confirmed_at is null and erased_at is null and banned_at is null and role = 'user'
      and asked_to_confirm_at < ${before}
      and not exists (select from sessions s where s.user_id = u.id and s.seen_at >= ${before})
      and not exists (select from erasures e where e.user_id = u.id and (e.status = 'asked' or e.asked_at >= ${before}))
    order by asked_to_confirm_at limit ${rowsAtOnce}`
  for (const { id } of unused)
    await db.tx(async (tx) => {
      const user = await lockUser(tx.sql, id)
      if (user && !user.emailConfirmedAt && !user.bannedAt) await askForErasure(tx, user, 'unused', now)
    })
  if (unused.length > 0) log.info({ count: unused.length }, 'unused accounts are to be erased')
  return unused.length === rowsAtOnce ? 1_000 : everyMs
}
