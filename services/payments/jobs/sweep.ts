// Finds and finishes whatever a crash, a time-out, a lost webhook or a slow bank left unfinished, without
// outside help.

import type { PaymentsService } from '../context.ts'
import { reconcile } from '../stripe/reconcile.ts'

const lookEveryMs = 1_000
/** An undecided payment is polled every 30 s. A time further ahead was written by a wrong clock. */
const furthestMs = 60_000

/** Retries calls that were planned but not finished. */
export const repeatCalls = {
  name: 'repeat provider calls',
  run: ({ parts }: PaymentsService): Promise<number> => parts.calls.sweep(),
}

/** Processes stored webhooks by looking at their payments. */
export const followEvents = {
  name: 'follow webhooks',
  run: ({ parts }: PaymentsService): Promise<number> => parts.events.once(),
  wakeOn: ({ parts }: PaymentsService, wake: () => void): void => parts.events.wakes(wake),
}

/** Polls payments without news: open pages, undecided authorisations, refunds that may still change their outcome. */
export const lookAtPayments = {
  name: 'look at payments',
  async run({ db, parts, clock, config, log }: PaymentsService): Promise<number> {
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
        const unknown = await reconcile(parts.context, id, { scheduled: true })
        if (unknown) log.warn({ err: unknown, payment: id }, 'could not ask the provider about a payment')
      }),
    )
    return lookEveryMs
  },
}

const dayMs = 24 * 60 * 60 * 1000
/** Webhooks are kept for as long as the provider shows them. */
const eventsKeptDays = 30
/** Calls and comparisons are kept for longer than a payment can be disputed: they document what happened. */
const callsKeptDays = 400
const rowsAtOnce = 1_000
const forgetEveryMs = 10 * 60 * 1000

/** Deletes old rows in small batches, so that no transaction holds back the message log. */
export const forgetOld = {
  name: 'forget webhooks and calls',
  async run({ db, clock }: PaymentsService): Promise<number> {
    const before = (days: number) => new Date(clock.now().getTime() - days * dayMs)
    const forgotten = [
      await db.sql`
        delete from provider_events where id = any (array(
          select id from provider_events where received_at < ${before(eventsKeptDays)} and state <> 'pending'
          limit ${rowsAtOnce}))`,
      await db.sql`
        delete from provider_calls where key = any (array(
          select key from provider_calls where status <> 'pending' and finished_at < ${before(callsKeptDays)}
          order by finished_at limit ${rowsAtOnce}))`,
      await db.sql`
        delete from book_comparisons where night in (
          select night from book_comparisons where night < ${before(callsKeptDays)}::timestamptz::date
          limit ${rowsAtOnce})`,
    ]
    return forgotten.some(({ count }) => count === rowsAtOnce) ? 100 : forgetEveryMs
  },
}
