// Reconciles the ledger every night: work for each night, which one replica does.

import { perform, queue, work } from '@aisle/kit/work/work'
import { Type } from 'typebox'
import type { PaymentsService } from '../context.ts'
import { compareBooks } from './compare-books.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Three in the morning, UTC. */
const hourMs = 3 * 60 * 60 * 1000

const nightly = queue('nightly', {
  places: 1,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
  giveUpAfterMs: null,
  keptDays: 400,
})
/** A comparison, by the date of its night. */
const CompareBooks = work('compare-books', Type.Object({ night: Type.String() }), nightly)

/** Asks for the comparison of each night once it has come. */
export const askNightly = {
  name: 'ask for the nightly comparison',
  async run({ db, clock }: PaymentsService): Promise<number> {
    const now = clock.now().getTime()
    const began = Math.floor((now - hourMs) / dayMs) * dayMs + hourMs
    const night = new Date(began).toISOString().slice(0, 10)
    await db.tx(async (tx) => {
      const [first] = await tx.sql`select 1 from payments where created_at < ${new Date(began)} limit 1`
      if (first) await tx.later(CompareBooks, night, { night })
    })
    return began + dayMs - now
  },
}

export const compareNightly = perform(CompareBooks, async ({ data: { night }, done }, service: PaymentsService) => {
  const { db, clock, log } = service
  const { compared, differences } = await compareBooks(service)
  await db.tx(async (tx) => {
    tx.send(tx.sql`
      insert into book_comparisons (night, compared, differences, finished_at)
      values (${night}, ${compared}, ${JSON.stringify(differences)}::text::jsonb, ${clock.now()})
      on conflict on constraint book_comparisons_pkey do update set compared = excluded.compared,
        differences = excluded.differences, finished_at = excluded.finished_at`)
    done(tx)
  })
  for (const { paymentId, what } of differences)
    log.error({ payment: paymentId }, `the books differ: ${paymentId === null ? '' : 'the payment '}${what}`)
  log.info({ compared, differences: differences.length }, 'the books were compared with the provider’s')
})
