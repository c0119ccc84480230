// A reservation never expires while we are the ones keeping the buyer waiting. A buyer who asks to pay in time
// may queue here for the provider's rate limit. Meanwhile the order's window is kept open, and the time they
// had left when they asked is still theirs once the page is there. The same holds for a buyer who has paid in
// time: the window stays open until we have processed the provider's webhook.

import { PaymentDelayed } from '@aisle/contracts/messages/payments'
import type { ProviderEvent } from '@aisle/contracts/provider-events'
import type { Tx } from '@aisle/kit/db/database'
import { Authorize, backlog, type Call, OpenPage } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import type { PaymentRow } from '../queries.ts'
import { Webhook } from '../stripe/webhook.ts'

/** A shorter wait costs the buyer nothing. */
const unnoticedMs = 3_000
/** A window that ends sooner than this while its payment waits is kept open, */
const marginMs = 20_000
/** for this long at a time. */
const keptMs = 60_000
const lookEveryMs = 1_000

type Delayed = { orderId: string; paymentId: string; version: number }

const say = (tx: Tx, { orderId, paymentId, version }: Delayed, until: Date) =>
  tx.emit(PaymentDelayed, orderId, { orderId, paymentId, version, expiresAt: until.toISOString() })

/** Keeps the windows of orders open while their payments wait in the queue. */
export const keepWindows = {
  name: 'keep windows open',
  async run({ db, clock, work }: PaymentsService): Promise<number> {
    await db.tx(async (tx) => {
      // A call that was attempted before is late because of the provider, not because of us.
      const waiting = await tx.sql<{ id: string }[]>`
        select subject as id from work where key = any(${backlog(work)}) and tries = 0
          and kind in (${Authorize.kind}, ${OpenPage.kind})
        union select data ->> 'paymentId' from work
          where kind = ${Webhook.kind} and status = 'pending' and tries = 0 and data ->> 'type' = ${paidOnPage}
            and data ->> 'paymentId' is not null`
      if (waiting.length > 0)
        await keepOpen(
          tx,
          waiting.map(({ id }) => id),
          clock.now(),
        )
    })
    return lookEveryMs
  },
}

/** The webhook that reports that a buyer has paid on the provider's page. */
export const paidOnPage = 'checkout.session.completed' satisfies ProviderEvent

/** Keeps the windows of these payments' orders open if they are about to end. */
export async function keepOpen(tx: Tx, paymentIds: string[], now: Date): Promise<void> {
  const ending = await tx.sql<Delayed[]>`
    select o.id as order_id, p.id as payment_id, p.version from payments p join orders o on o.id = p.order_id
    where p.id = any(${paymentIds}::uuid[]) and p.status = 'created' and o.status = 'awaiting:payment'
      and o.expires_at > ${now} and o.expires_at < ${new Date(now.getTime() + marginMs)}`
  for (const delayed of ending) say(tx, delayed, new Date(now.getTime() + keptMs))
}

/** If a page came late because of our queue, extends the window by the time the buyer has waited. */
export function delayedBy(
  tx: Tx,
  call: Call<typeof OpenPage.data>,
  { id, orderId, version }: PaymentRow,
  now: Date,
): void {
  const waitedMs = now.getTime() - call.askedAt.getTime()
  const { windowEndsAt } = call.data
  // A call that had to be retried was late because of the provider, not because of us.
  if (windowEndsAt === undefined || waitedMs < unnoticedMs || call.tries > 0) return
  say(tx, { orderId, paymentId: id, version }, new Date(windowEndsAt + waitedMs))
}
