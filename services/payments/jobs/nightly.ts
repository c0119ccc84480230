// Reconciles the ledger every night. The replica that inserts the night's row first runs it. If that replica
// dies, another takes over the row.

import { notTaken } from '@aisle/kit/work/presence'
import type { PaymentsService } from '../context.ts'
import { compareBooks } from './compare-books.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Three in the morning, UTC. */
const hourMs = 3 * 60 * 60 * 1000
/** How soon to check again on a night that another replica is comparing, in case it dies. */
const lookAgainMs = 60_000

export const compareNightly = {
  name: 'compare books',
  async run({ db, clock, parts, log }: PaymentsService): Promise<number> {
    const now = clock.now().getTime()
    const began = Math.floor((now - hourMs) / dayMs) * dayMs + hourMs
    const untilNextMs = began + dayMs - now
    const night = new Date(began)
    const [ours] = await db.sql<{ night: string }[]>`
      insert into book_comparisons as b (night, taken_by)
      select ${night}::timestamptz at time zone 'utc', ${parts.presence.worker}
      where exists (select 1 from payments where created_at < ${night})
      on conflict on constraint book_comparisons_pkey do update set taken_by = excluded.taken_by
        where b.finished_at is null and (b.taken_by = excluded.taken_by or ${notTaken(db.sql, 'b')})
      returning night::text`
    if (!ours) {
      const [open] = await db.sql`select 1 from book_comparisons where finished_at is null
          and night = ${night}::timestamptz at time zone 'utc'`
      return open ? Math.min(lookAgainMs, untilNextMs) : untilNextMs
    }
    // If it fails, the row stays ours: the loop soon runs again and reclaims it.
    const { compared, differences } = await compareBooks(parts.context)
    await db.sql`
      update book_comparisons set compared = ${compared}, differences = ${JSON.stringify(differences)}::text::jsonb,
        finished_at = ${clock.now()}
      where night = ${ours.night}`
    for (const { paymentId, what } of differences)
      log.error({ payment: paymentId }, `the books differ: ${paymentId === null ? '' : 'the payment '}${what}`)
    log.info({ compared, differences: differences.length }, 'the books were compared with the provider’s')
    return untilNextMs
  },
}
