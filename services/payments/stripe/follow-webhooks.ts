// Each webhook is a reason to look at its payment (reconcile.ts). Webhooks may arrive twice, in any order, days
// late, before our own commit, or never. A webhook about an unknown payment is kept and retried: our commit may
// still follow, or a backup may have been restored.

import { notTaken, type Presence } from '@aisle/kit/work/presence'
import type { CallContext } from '../call.ts'
import { readPayment } from '../queries.ts'
import { reconcile } from './reconcile.ts'
import { type HeardType, isNews } from './webhook.ts'

const atOnce = 16
const lookEveryMs = 1_000
const leaseMs = 60_000
/**
 * 1 s, 2 s, 4 s ... up to an hour: about 80 attempts in three days, as long as the provider itself retries an
 * unanswered webhook.
 */
const backoffMs = (tries: number) => Math.min(1_000 * 2 ** tries, 60 * 60 * 1000)
/** A time further ahead than a backoff or a lease was written by a wrong clock. */
const slackMs = leaseMs + 30_000
const keptForMs = 3 * 24 * 60 * 60 * 1000

type EventRow = {
  id: string
  type: HeardType
  objectId: string
  intentId: string | null
  paymentId: string | null
  tries: number
  receivedAt: Date
}

export type EventFollower = {
  /** Processes what is due. Resolves to the milliseconds until the next poll. */
  once(): Promise<number>
  /** A webhook has been stored. */
  wake(): void
  wakes(wake: () => void): void
}

export function createEventFollower(context: CallContext, presence: Presence): EventFollower {
  const { db, clock, log } = context.service
  let woken = () => {}
  return {
    once,
    wake: () => woken(),
    wakes: (wake) => {
      woken = wake
    },
  }

  async function once(): Promise<number> {
    const now = clock.now()
    // Polls never overlap, so events already taken by this worker are left from a poll whose end could not be
    // recorded.
    const due = await db.sql<EventRow[]>`
      update provider_events set taken_by = ${presence.worker}, next_try_at = ${new Date(now.getTime() + leaseMs)}
      where id = any (array(
        select id from provider_events
        where state = 'pending' and (next_try_at <= ${now}
          or next_try_at > ${new Date(now.getTime() + slackMs)}::timestamptz
            + least(power(2, tries), 3600) * interval '1 second'
          or taken_by = ${presence.worker} or (taken_by is not null and ${notTaken(db.sql)}))
        order by next_try_at limit ${atOnce} for update skip locked))
      returning id, type, object_id, intent_id, payment_id, tries, received_at`
    // Several events about one payment share one lookup.
    const byPayment = Map.groupBy(due, ({ paymentId, intentId, id }) => paymentId ?? intentId ?? id)
    const followed = await Promise.allSettled([...byPayment.values()].map(follow))
    for (const each of followed) if (each.status === 'rejected') throw each.reason
    return due.length === atOnce ? 0 : lookEveryMs
  }

  async function follow(events: EventRow[]): Promise<void> {
    try {
      const paymentId = await findPayment(events)
      if (paymentId === null) return await keep(events, 'This payment is not one of ours, or not yet.')
      const payment = await readPayment(db.sql, paymentId)
      for (const { type, objectId, intentId } of events) {
        if (!payment || !isNews(type, intentId, payment)) continue
        const sessionId = type.startsWith('checkout.session.') ? objectId : undefined
        const unknown = await reconcile(context, paymentId, {
          ...(sessionId ? { sessionId } : {}),
          ...(intentId ? { intentId } : {}),
        })
        if (unknown) return await keep(events, unknown.message)
      }
      await db.sql`update provider_events set state = 'done', tries = tries + 1, error = null
        where id = any(${events.map(({ id }) => id)})`
    } catch (error) {
      log.error({ err: error, events: events.map(({ id }) => id) }, 'could not apply webhooks; they will be retried')
      await keep(events, (error as Error).message)
    }
  }

  async function findPayment(events: EventRow[]): Promise<string | null> {
    const named = events.map(({ paymentId }) => paymentId).filter((id) => id !== null)
    const intents = events.map(({ intentId }) => intentId).filter((id) => id !== null)
    const [row] = await db.sql<{ id: string }[]>`
      select id from payments where id = any(${named}::uuid[]) or stripe_id = any(${intents}) limit 1`
    return row?.id ?? null
  }

  async function keep(events: EventRow[], error: string): Promise<void> {
    const now = clock.now()
    for (const { id, tries, receivedAt } of events) {
      const over = now.getTime() - receivedAt.getTime() > keptForMs
      if (over) log.error({ event: id, error }, 'a webhook was given up; see docs/payments.md')
      await db.sql`
        update provider_events set tries = tries + 1, taken_by = null, error = ${error.slice(0, 500)},
          next_try_at = ${new Date(now.getTime() + backoffMs(tries))}, state = ${over ? 'unknown' : 'pending'}
        where id = ${id}`
    }
  }
}
