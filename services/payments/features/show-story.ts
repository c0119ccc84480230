// An admin reads what happened to an order's money, step by step.

import { paymentStory as endpoint } from '@aisle/contracts/api/payments'
import type { Step } from '@aisle/contracts/entities'
import { refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { type PaymentRow, readOrder, toPayment } from '../queries.ts'

type StepRow = {
  at: Date
  kind: Step['kind']
  what: string
  detail: string | null
  amount: number | null
  currency: Step['currency'] | null
}

export const paymentStory = query(endpoint, async (request, { db: { sql }, audit }: PaymentsService) => {
  const { orderId } = request.query
  if (!(await readOrder(sql, orderId))) return refuse('not-found')
  await audit.note(request, { action: 'payments-read', subject: orderId })
  const payments = await sql<PaymentRow[]>`select * from payments where order_id = ${orderId} order by attempt`
  const steps = await sql<StepRow[]>`
    with own as (select * from payments where order_id = ${orderId})
    select created_at as at, 'payment' as kind, 'attempt ' || attempt || ' by ' || method as what, id::text as detail,
      amount, currency from own
    union all
    select coalesce(c.finished_at, c.created_at), 'call', c.op || ' ' || c.status,
      concat_ws(', ', case when c.tries > 1 then c.tries || ' tries' end, c.error), null, null
      from provider_calls c join own on own.id = c.payment_id
    union all
    select e.received_at, 'webhook', e.type, concat_ws(', ', e.id, nullif(e.state, 'done'), e.error), null, null
      from provider_events e join own on own.id = e.payment_id
    union all
    select r.updated_at, 'refund', r.status, r.stripe_id, r.amount, own.currency from refunds r
    join own on own.id = r.payment_id
    union all
    select l.booked_at, 'ledger', l.kind,
      concat_ws(', ', 'buyer ' || l.buyer, 'seller ' || l.seller, 'platform ' || l.platform, 'provider ' || l.provider),
      greatest(abs(l.buyer), abs(l.provider)), l.currency from ledger l join own on own.id = l.payment_id
    order by at, kind`
  return answer({
    payments: payments.map(toPayment),
    steps: steps.map(({ at, kind, what, detail, amount, currency }) => ({
      at: at.toISOString(),
      kind,
      what,
      ...(detail ? { detail } : {}),
      ...(amount === null ? {} : { amount }),
      ...(currency ? { currency } : {}),
    })),
  })
})
