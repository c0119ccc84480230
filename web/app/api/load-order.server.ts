// What the buyer of an order sees now. An order moves on its own: a reservation is confirmed in milliseconds, a
// payment in a second. The page waits that long, so it does not show a state that is already over. After that
// it says what it is waiting for, and polls.

import { myNotices } from '@aisle/contracts/api/notices'
import { showOrder } from '@aisle/contracts/api/orders'
import { paymentsOfOrder, refreshPayment } from '@aisle/contracts/api/payments'
import { showTicket } from '@aisle/contracts/api/tickets'
import type { Notice, Order, OrderRefunds, Payment, Ticket } from '@aisle/contracts/entities'
import { apiLanguage } from '../texts/languages.ts'
import { callApi, readApi } from './call-api.server.ts'
import { refundsOf } from './load-refunds.server.ts'
import { type Context, visitOf } from './visit.server.ts'

const patienceMs = 2_000
const pauseMs = 100
/** How soon a waiting page polls again. */
const lookAgainSeconds = 2

type Stage = 'holding' | 'awaiting' | 'preparing' | 'confirming' | 'complete' | 'refunded' | 'cancelled'

/** `paymentId` is set when the buyer comes back from the provider's page. */
export async function loadOrder(context: Context, id: string, paymentId: string | null) {
  let order = (await readApi(context, showOrder, { params: { id } })).body
  const comesBack = paymentId !== null && isOpen(order)
  // Ask the provider now, so that the buyer does not wait for its webhook. If it does not answer, the webhook
  // or the sweeper brings the news.
  if (comesBack) await callApi(context, refreshPayment, { params: { id: paymentId } })
  order = await settled(context, order, comesBack)
  const [payment, seller, refunds, notices] = await Promise.all([
    latestPayment(context, order),
    sellerOf(context, order),
    refundsOf(context, [order]),
    noticesOf(context, order),
  ])
  const stage = isGivenBack(order, refunds[order.id]) ? 'refunded' : stageOf(order, payment, comesBack)
  const secondsLeft = Math.max(0, (Date.parse(order.expiresAt) - Date.now()) / 1000)
  return {
    order,
    seller,
    stage,
    secondsLeft,
    windowSeconds: (Date.parse(order.expiresAt) - Date.parse(order.createdAt)) / 1000,
    /** The provider's page that is already open. */
    paymentUrl: payment?.status === 'created' ? payment.url : undefined,
    isDeclined: payment?.status === 'declined',
    refunds: refunds[order.id],
    notices,
    /** Just bought; false on later visits. */
    isFresh: paymentId !== null,
    idempotencyKey: crypto.randomUUID(),
    ...refreshOf(stage, secondsLeft),
  }
}

const isOpen = ({ status }: Order) => status === 'created' || status === 'awaiting:payment' || status === 'paying'

/** The order once it has stopped moving, or as it is when patience runs out. */
async function settled(context: Context, first: Order, isPaid: boolean): Promise<Order> {
  const moves = ({ status }: Order) =>
    status === 'created' || status === 'paying' || (isPaid && status === 'awaiting:payment')
  const until = performance.now() + patienceMs
  let order = first
  while (moves(order) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    order = (await readApi(context, showOrder, { params: { id: order.id } })).body
  }
  return order
}

async function latestPayment(context: Context, { id, status }: Order): Promise<Payment | null> {
  if (status !== 'awaiting:payment') return null
  const payments = await callApi(context, paymentsOfOrder, { query: { orderId: id } })
  // Payments may not have received the order yet; then there is none.
  return payments.ok ? (payments.body[0] ?? null) : null
}

/** The seller is worth a line; the page must not fail for lack of it. */
async function sellerOf(context: Context, { ticket: { id } }: Order): Promise<Ticket['seller'] | null> {
  const ticket = await callApi(context, showTicket, { params: { id } }).catch(() => null)
  return ticket?.ok ? ticket.body.seller : null
}

/** What the buyer was told; the page must not fail for lack of it. */
async function noticesOf(context: Context, { id }: Order): Promise<Notice[]> {
  const language = apiLanguage(visitOf(context).language)
  const told = await callApi(context, myNotices, { query: { orderId: id, language } }).catch(() => null)
  return told?.ok ? told.body : []
}

/** The whole price is refunded, though the provider may still be working on it. */
const isGivenBack = ({ ticket }: Order, refunds: OrderRefunds | undefined) =>
  refunds !== undefined && refunds.refunded + refunds.pending >= ticket.price

function stageOf({ status }: Order, payment: Payment | null, comesBack: boolean): Stage {
  switch (status) {
    case 'created':
      return 'holding'
    case 'awaiting:payment':
      // The provider sends a buyer back here only after they have paid; its own report may come a moment later.
      if (payment?.status === 'authorized' || (comesBack && payment?.status === 'created')) return 'confirming'
      return payment?.status === 'created' && payment.url === undefined ? 'preparing' : 'awaiting'
    case 'paying':
      return 'confirming'
    default:
      return status
  }
}

/** Without JavaScript the browser reloads the page: while it waits for something, and when the time is up. */
function refreshOf(stage: Stage, secondsLeft: number): { refreshSeconds?: number } {
  if (stage === 'holding' || stage === 'preparing' || stage === 'confirming')
    return { refreshSeconds: lookAgainSeconds }
  return stage === 'awaiting' ? { refreshSeconds: secondsLeft + 1 } : {}
}
