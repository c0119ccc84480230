// An admin reads what happened to an order's money, step by step.

import { paymentStory as endpoint } from '@aisle/contracts/api/payments'
import type { Step } from '@aisle/contracts/entities'
import { refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import { callKinds } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { type PaymentRow, readOrder, toPayment } from '../queries.ts'
import { Webhook } from '../stripe/webhook.ts'

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
    select coalesce(w.finished_at, w.created_at), 'call', w.kind || ' ' || w.status,
      concat_ws(', ', case when w.tries > 1 then w.tries || ' tries' end, w.error), null, null
      from work w join own on own.id::text = w.subject where w.kind = any(${callKinds})
    union all
    select w.created_at, 'webhook', w.data ->> 'type',
      concat_ws(', ', split_part(w.key, ':', 2), nullif(w.status, 'done'), w.error), null, null
      from work w join own on own.id::text = w.subject where w.kind = ${Webhook.kind}
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
