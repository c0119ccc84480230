// No reservation ends because of our own queue. A buyer who asks to pay in time may wait here for a place at the provider's limit; while they do, the
// order's window is kept open, and what was left of it when they asked is still theirs once the page is there.

import { PaymentDelayed } from '@aisle/contracts/messages/payments'
import type { Tx } from '@aisle/kit/db/database'
import type { PaymentsService } from './context.ts'
import type { ProviderCall } from './provider-calls.ts'
import type { PaymentRow } from './queries.ts'

/** A wait below this is nobody's loss. */
const unnoticedMs = 3_000
/** A window that ends sooner than this while its payment waits is kept open, */
const marginMs = 20_000
/** for as long as this at a time. */
const keptMs = 60_000
const lookEveryMs = 1_000

type Delayed = { orderId: string; paymentId: string; version: number }

const say = (tx: Tx, { orderId, paymentId, version }: Delayed, until: Date) =>
  tx.emit(PaymentDelayed, orderId, { orderId, paymentId, version, expiresAt: until.toISOString() })

/** Keeps the windows of orders open whose payments wait for their turn. */
export const keepWindows = {
  name: 'keep windows open',
  async run({ db, clock, parts }: PaymentsService): Promise<number> {
    const keys = parts.calls.backlog()
    if (keys.length === 0) return lookEveryMs
    const now = clock.now()
    await db.tx(async (tx) => {
      const waiting = await tx.sql<Delayed[]>`
        select o.id as order_id, p.id as payment_id, p.version from provider_calls c join payments p on p.id = c.payment_id join orders o on o.id = p.order_id
        where c.key = any(${keys}) and c.tries = 0 and c.op in ('authorize', 'open-page') and p.status = 'created' and o.status = 'awaiting:payment'
          and o.expires_at > ${now} and o.expires_at < ${new Date(now.getTime() + marginMs)}`
      for (const delayed of waiting) say(tx, delayed, new Date(now.getTime() + keptMs))
    })
    return lookEveryMs
  },
}

/** Keeps the window of an order open whose payment has just joined the queue, if it is about to end. */
export function keepOpen(tx: Tx, delayed: Delayed, windowEndsAt: Date, now: Date): void {
  if (windowEndsAt.getTime() - now.getTime() < marginMs) say(tx, delayed, new Date(now.getTime() + keptMs))
}

/** Says so when a page came late because of our queue: the buyer gets the time back that they have waited. */
export function delayedBy(tx: Tx, call: ProviderCall, { id, orderId, version }: PaymentRow, now: Date): void {
  const waitedMs = now.getTime() - call.createdAt.getTime()
  const { windowEndsAt } = call.params
  // A call that had to be repeated was late because of the provider, not of us.
  if (windowEndsAt === undefined || waitedMs < unnoticedMs || call.tries > 0) return
  say(tx, { orderId, paymentId: id, version }, new Date(windowEndsAt + waitedMs))
}
