// What a crash, a time-out or a slow bank has left over is found and finished here, without anyone asking.

import type { PaymentsService } from './context.ts'
import { attempt } from './provider.ts'
import { plan } from './provider-calls.ts'
import { lockPayment } from './queries.ts'
import { recordRefund } from './settle.ts'

const refundLookEveryMs = 5_000
const refundQuietMs = 5_000
const authorizedLookEveryMs = 10_000
/** An authorisation that nobody has decided on for this long is looked at: the decision may be in our mirror. */
const authorizedQuietMs = 30_000

/** Repeats calls that were planned and not finished. */
export const repeatCalls = {
  name: 'repeat provider calls',
  run: ({ parts }: PaymentsService): Promise<number> => parts.calls.sweep(),
}

/** Asks the provider what became of refunds that it had not finished. */
export const followRefunds = {
  name: 'follow pending refunds',
  async run({ db, parts, clock }: PaymentsService): Promise<number> {
    const quiet = new Date(clock.now().getTime() - refundQuietMs)
    const pending = await db.sql<{ id: string; paymentId: string; stripeId: string }[]>`
      select id, payment_id, stripe_id from refunds where status = 'pending' and stripe_id is not null and updated_at < ${quiet} order by updated_at limit 20`
    for (const { id, paymentId, stripeId } of pending) {
      const seen = await attempt(() => parts.provider.refunds.retrieve(stripeId))
      if (seen.kind === 'ok')
        await db.tx(async (tx) => recordRefund(tx, await lockPayment(tx.sql, paymentId), id, seen.value, clock.now()))
    }
    return refundLookEveryMs
  },
}

/** Captures or voids authorisations whose order was decided while nobody was there to act on it. */
export const finishAuthorizations = {
  name: 'finish authorisations',
  async run({ db, parts, clock }: PaymentsService): Promise<number> {
    const now = clock.now()
    const quiet = new Date(now.getTime() - authorizedQuietMs)
    const left = await db.sql<{ id: string; op: 'capture' | 'void' }[]>`
      select p.id, case when o.status = 'cancelled' then 'void' else 'capture' end as op
      from payments p join orders o on o.id = p.order_id
      where p.status = 'authorized' and p.updated_at < ${quiet}
        and (o.status = 'cancelled' or (o.status in ('paying', 'complete') and o.payment_id = p.id))
      order by p.updated_at limit 50`
    for (const { id, op } of left) {
      const planned = await db.tx((tx) => plan(tx, { op, paymentId: id, refundId: null, params: {} }, now))
      if (planned) await parts.calls.perform(planned)
    }
    return authorizedLookEveryMs
  },
}
