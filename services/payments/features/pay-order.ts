// A buyer pays: with a card token right away, or on the provider's page, whose URL is the response. The card is
// only authorised. Orders then decides whether the buyer gets the ticket, and the payment is captured or
// voided. Repeating the request returns the same page.
//
// An order has one live attempt: the unique index payments_one_live_per_order. Every outcome survives a crash:
// see call.ts.

import { setTimeout as sleep } from 'node:timers/promises'
import { payOrder as endpoint } from '@aisle/contracts/api/payments'
import { Rollback, type Sql, type Tx } from '@aisle/kit/db/database'
import type { Asked } from '@aisle/kit/db/later'
import { isRefusal, type Refusal, refuse } from '@aisle/kit/errors'
import { networkOf } from '@aisle/kit/http/network'
import { answer, procedure } from '@aisle/kit/http/route'
import type { Span } from '@aisle/tracing/span'
import { Authorize, backlog, EndPage, OpenPage } from '../call.ts'
import { cardRequest } from '../calls/authorize-card.ts'
import { pageRequest } from '../calls/open-page.ts'
import type { PaymentsService } from '../context.ts'
import { checkDeclines } from '../declines.ts'
import { keepOpen } from '../jobs/keep-window.ts'
import { feeOf } from '../ledger.ts'
import { maxDeclines } from '../payment.ts'
import { countDeclines, type OrderRow, type PaymentRow, readOrder, readPayment, toBuyersPayment } from '../queries.ts'

/** How long the response waits for the provider. A client that waited in vain asks again. */
const patienceMs = 12_000

export const payOrder = procedure(endpoint, async (request, service: PaymentsService) => {
  const { body, session, client, now, origin, span } = request
  const { db, arrivals, config } = service
  if (body.token !== undefined && !takesTokens(config)) return refuse('pay-on-page', { field: 'token' })
  const asked = { ...body, userId: session.userId, address: networkOf(client.address), now, span }
  const begin = () => db.tx((tx) => beginPayment(tx, asked, service), origin)

  let begun = await begin()
  // A buyer who pays right after reserving may be ahead of the messages: by a few milliseconds, or more under load.
  if ('early' in begun) {
    const isPayable = async () => ((await readOrder(db.sql, body.orderId))?.status ?? 'created') !== 'created' || null
    await arrivals.waitFor(body.orderId, isPayable, patienceMs / 2)
    begun = await begin()
  }
  // Another attempt came first, or the order's own page had to be ended: try once more.
  if ('endFirst' in begun || 'beaten' in begun) {
    if ('endFirst' in begun) await begun.endFirst?.attempted
    begun = await begin()
  }
  if (isRefusal(begun)) return begun
  if ('early' in begun) return begun.early
  if ('endFirst' in begun || 'beaten' in begun) return refuse('payment-in-progress')

  const { call, paymentId } = begun
  await inTime(call?.attempted ?? pageOpened(db.sql, paymentId))
  const payment = await readPayment(db.sql, paymentId)
  if (!payment) throw new Error(`The payment ${paymentId} is gone.`)
  // Still `created`, without a page, if the provider has not answered yet: the worker goes on asking,
  // and a repeated request returns the result.
  return (
    (await refusalOf(db.sql, payment)) ??
    answer(toBuyersPayment(payment), { headers: { location: `/api/payments/${payment.id}` } })
  )
})

const takesTokens = ({ PAY_BY_TOKEN, ENVIRONMENT }: PaymentsService['config']) =>
  (PAY_BY_TOKEN ?? (ENVIRONMENT === 'production' ? 'off' : 'on')) === 'on'

type PayRequest = { orderId: string; token?: string; userId: string; address: string; now: Date; span: Span }

type Begun =
  | Refusal
  | { early: Refusal } // the order may become payable when its messages arrive
  | { paymentId: string; call: Asked | null } // null: the page is open, or being opened
  | { endFirst: Asked | null } // the order's open page must be ended first
  | { beaten: true } // another attempt was made at the same moment

async function beginPayment(
  tx: Tx,
  { orderId, token, userId, address, now, span }: PayRequest,
  service: PaymentsService,
): Promise<Begun> {
  const { newId, work, config, tracer } = service
  const order = await readPayableOrder(tx.sql, orderId)
  if (!order) return { early: refuse('not-found', { field: 'orderId', message: 'is not an order that we know' }) }
  if (order.buyerId !== userId) return refuse('forbidden')
  if (order.status === 'created') return { early: refuse('order-not-payable') }
  if (order.status === 'paying' || order.status === 'complete' || order.status === 'refunded')
    return refuse('already-paid')
  if (order.status !== 'awaiting:payment' || order.declines >= maxDeclines) return refuse('order-not-payable')
  if (order.expiresAt <= now)
    return refuse('order-not-payable', { message: 'The time to pay this order is over. You have not been charged.' })

  const tries = await checkDeclines(tx, service, { buyerId: userId, address, byToken: token !== undefined, now })
  if (isRefusal(tries)) return tries

  const { live } = order
  if (live) {
    if (live.status !== 'created') return refuse('already-paid')
    if (live.method === 'token') return refuse('payment-in-progress')
    const open = live.pageEndsAt === null || new Date(live.pageEndsAt) > now
    if (token === undefined && open) return { paymentId: live.id, call: null }
    // A token means that the buyer prefers it over the open page. The page is ended first; if they have paid
    // there meanwhile, that payment counts.
    if (live.pageEndsAt === null) return refuse('payment-in-progress')
    return { endFirst: await tx.later(EndPage, live.id, { paymentId: live.id }) }
  }

  const id = newId()
  const windowEndsAt = order.expiresAt.getTime()
  const payment = { id, orderId, orderNumber: order.number, amount: order.price, currency: order.currency }
  const shown = { title: order.title || 'Ticket', details: order.details, asks3ds: tries.asks3ds }
  const page = { ...shown, windowEndsAt, publicUrl: config.PUBLIC_URL }
  // From here on the payment belongs to the trace of the purchase, which began with the reservation. The trace
  // of this request is linked to it.
  const paying = tracer.startSpan('pay', {
    kind: 'internal',
    parent: order.traceparent ?? span.traceparent,
    link: order.traceparent && span.traceparent,
    attributes: { 'aisle.order_id': orderId, 'aisle.payment_id': id },
  })
  span.link(order.traceparent)
  tx.afterCommit(paying.end)
  const part = tx.from({ ...tx.origin, traceparent: paying.traceparent })
  // Sent together, in this order.
  const [inserted, planned] = await Promise.allSettled([
    tx.sql`
      insert into payments (id, order_id, attempt, version, status, method, amount, fee, currency, address,
        traceparent, created_at, updated_at)
      values (${id}, ${order.id}, ${order.attempts + 1}, 1, 'created', ${token === undefined ? 'page' : 'token'},
        ${order.price}, ${feeOf(order.price, config.PLATFORM_FEE_BASIS_POINTS)}, ${order.currency}, ${address},
        ${paying.traceparent ?? null}, ${now}, ${now})
      on conflict do nothing`.execute(),
    token === undefined
      ? part.later(OpenPage, id, { paymentId: id, request: pageRequest(payment, page, now), windowEndsAt })
      : part.later(Authorize, id, { paymentId: id, request: cardRequest(payment, token) }),
  ])
  if (inserted.status === 'rejected') throw inserted.reason
  // Our planned call is rolled back with the transaction.
  if (inserted.value.count === 0) throw new Rollback({ beaten: true } satisfies Begun)
  if (planned.status === 'rejected') throw planned.reason
  if (!planned.value) throw new Error('A new payment had its call planned already.')
  if (backlog(work).length > 0) await keepOpen(part, [id], now)
  return { paymentId: id, call: planned.value }
}

/** Resolves when `work` has, or patience runs out. The worker logs a late failure. */
async function inTime(work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, patienceMs)
  try {
    await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves when the page requested by another request exists, or will not. */
async function pageOpened(sql: Sql, paymentId: string): Promise<void> {
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    const payment = await readPayment(sql, paymentId)
    if (payment?.pageUrl || payment?.status !== 'created') return
    await sleep(50)
  }
}

async function refusalOf(sql: Sql, payment: PaymentRow): Promise<Refusal | null> {
  if (payment.status === 'declined') {
    const over = (await countDeclines(sql, payment.orderId)) >= maxDeclines
    return refuse('card-declined', {
      message: over
        ? 'The card was declined for the third time. You have not been charged; the order has ended.'
        : 'The card was declined. You have not been charged; the ticket is still yours to pay.',
      extra: { declineCode: payment.declineCode ?? 'generic_decline' },
    })
  }
  if (payment.status !== 'voided') return null
  if (payment.declineCode)
    return payment.method === 'token' ? refuse('invalid-token', { field: 'token' }) : refuse('payment-refused')
  return refuse('order-not-payable', {
    message: 'The order ended while the payment was being prepared. You have not been charged.',
  })
}

type PayableOrder = OrderRow & {
  attempts: number
  declines: number
  live: { id: string; status: PaymentRow['status']; method: PaymentRow['method']; pageEndsAt: string | null } | null
}

/**
 * The order with its payment attempts so far. The share lock makes it take turns with our own mirror: either an
 * end of the order being consumed right now is seen here, or the payment begun here is seen there
 * (follow-order.ts) and voided.
 */
async function readPayableOrder(sql: Sql, id: string): Promise<PayableOrder | null> {
  const [row] = await sql<PayableOrder[]>`
    select o.*, tried.* from orders o, lateral (
      select count(*)::int as attempts, count(*) filter (where status = 'declined')::int as declines,
        (array_agg(json_build_object('id', id, 'status', status, 'method', method, 'pageEndsAt', page_ends_at))
          filter (where status in ('created', 'authorized', 'captured', 'refunded')))[1] as live
      from payments where order_id = o.id
    ) tried where o.id = ${id} for share of o`
  return row ?? null
}
