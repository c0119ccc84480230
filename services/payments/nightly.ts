// Every night the books are compared; of several replicas the one whose row is first does it.

import { compareBooks } from './compare-books.ts'
import type { PaymentsService } from './context.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Three in the morning, UTC. */
const hourMs = 3 * 60 * 60 * 1000

export const compareNightly = {
  name: 'compare books',
  async run({ db, clock, parts, log }: PaymentsService): Promise<number> {
    const now = clock.now().getTime()
    const began = Math.floor((now - hourMs) / dayMs) * dayMs + hourMs
    const untilNextMs = began + dayMs - now
    const night = new Date(began)
    const [ours] = await db.sql<{ night: string }[]>`
      insert into book_comparisons (night)
      select ${night}::timestamptz at time zone 'utc' where exists (select 1 from payments where created_at < ${night})
      on conflict on constraint book_comparisons_pkey do nothing
      returning night::text`
    if (!ours) return untilNextMs
    const { compared, differences } = await compareBooks(parts.desk).catch(async (error: unknown) => {
      // Given back, so that the next look tries again.
      await db.sql`delete from book_comparisons where night = ${ours.night}`
      throw error
    })
    await db.sql`
      update book_comparisons set compared = ${compared}, differences = ${JSON.stringify(differences)}::text::jsonb, finished_at = ${clock.now()}
      where night = ${ours.night}`
    for (const { paymentId, what } of differences)
      log.error({ payment: paymentId }, `the books differ: ${paymentId === null ? '' : 'the payment '}${what}`)
    log.info({ compared, differences: differences.length }, 'the books were compared with the provider’s')
    return untilNextMs
  },
}
