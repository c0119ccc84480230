// Finds what a lost webhook or a slow bank left undecided, without outside help. What a crash left unfinished is
// durable work, which is finished anyway (kit/work/).

import type { PaymentsService } from '../context.ts'
import { reconcile } from '../stripe/reconcile.ts'

const lookEveryMs = 1_000
/** An undecided payment is polled every 30 s. A time further ahead was written by a wrong clock. */
const furthestMs = 60_000

/** Polls payments without news: open pages, undecided authorisations, refunds that may still change their outcome. */
export const lookAtPayments = {
  name: 'look at payments',
  async run(service: PaymentsService): Promise<number> {
    const { db, clock, config, log } = service
    const now = clock.now()
    // At most a quarter of the provider's limit: waiting clients go first. The next poll is scheduled before
    // the provider is asked, so a payment that cannot be read does not block the others.
    const share = Math.max(1, Math.floor(config.PROVIDER_CALLS_PER_SECOND / 4))
    const due = await db.sql<{ id: string }[]>`
      update payments set next_look_at = ${new Date(now.getTime() + 30_000)} where id = any (array(
        select id from payments
        where next_look_at <= ${now}
          or (status in ('created', 'authorized') and next_look_at > ${new Date(now.getTime() + furthestMs)})
        order by next_look_at limit ${share} for update skip locked))
      returning id`
    await Promise.all(
      due.map(async ({ id }) => {
        const reconciled = await reconcile(service, id, { scheduled: true })
        if (reconciled instanceof Error)
          log.warn({ err: reconciled, payment: id }, 'could not ask the provider about a payment')
      }),
    )
    return lookEveryMs
  },
}

const dayMs = 24 * 60 * 60 * 1000
/** Comparisons are kept for longer than a payment can be disputed: they document what happened. */
const keptDays = 400
const forgetEveryMs = 10 * 60 * 1000

/** Deletes old rows; there is one a night. */
export const forgetComparisons = {
  name: 'forget comparisons',
  async run({ db, clock }: PaymentsService): Promise<number> {
    await db.sql`
      delete from book_comparisons
      where night < ${new Date(clock.now().getTime() - keptDays * dayMs)}::timestamptz::date`
    return forgetEveryMs
  },
}
