// Opens the provider's hosted page. The buyer enters the card there, with 3-D Secure, and comes back. No money
// is held until they confirm.

import { perform } from '@aisle/kit/work/work'
import type Stripe from 'stripe'
import { type Call, EndPage, noAnswer, OpenPage } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { delayedBy } from '../jobs/keep-window.ts'
import { descriptionOf, lockPayment, movePayment, type PaymentSubject, readOrder } from '../queries.ts'
import { attempt, describe } from '../stripe/client.ts'
import { madeSince, mustLook } from './look-first.ts'

const firstLookMs = 30_000
/** The provider keeps a page open for at least 30 minutes and at most 24 hours. */
const shortestMs = 31 * 60 * 1000
const longestMs = 24 * 60 * 60 * 1000 - 60_000

/** The request to the provider. The page outlives the order's window; it is ended with the order. */
export function pageRequest(
  payment: PaymentSubject,
  {
    title,
    details,
    windowEndsAt,
    publicUrl,
    asks3ds,
  }: { title: string; details: string; windowEndsAt: number; publicUrl: string; asks3ds: boolean },
  now: Date,
): Stripe.Checkout.SessionCreateParams {
  const orderPage = `${publicUrl}/orders/${payment.orderId}`
  const described = descriptionOf(payment)
  const shown = [described.description, details].filter(Boolean).join(', ')
  const metadata = { payment_id: payment.id, order_id: payment.orderId }
  const lastsMs = Math.min(Math.max(shortestMs, windowEndsAt + 60_000 - now.getTime()), longestMs)
  return {
    mode: 'payment',
    client_reference_id: payment.id,
    metadata,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: payment.currency,
          unit_amount: payment.amount,
          product_data: { name: title, ...(shown ? { description: shown } : {}) },
        },
      },
    ],
    payment_intent_data: { capture_method: 'manual', metadata, ...described },
    allowed_payment_method_types: ['card'],
    ...(asks3ds ? { payment_method_options: { card: { request_three_d_secure: 'any' as const } } } : {}),
    expires_at: Math.floor((now.getTime() + lastsMs) / 1000),
    success_url: `${orderPage}?payment=${payment.id}`,
    cancel_url: orderPage,
  }
}

export const openPage = perform(OpenPage, async (call, service: PaymentsService) => {
  const { db, clock } = service
  const { paymentId, request } = call.data
  if (!request.expires_at) throw new Error(`The call ${call.key} does not say how long the page lasts.`)
  const endsAt = new Date(request.expires_at * 1000)
  // A page whose time is over before we learn of it was never shown to anyone; the provider closes it.
  const outcome =
    clock.now() >= endsAt
      ? ({ kind: 'refused', code: 'too_late', message: 'The page would have ended by now.' } as const)
      : await attempt(() => open(service, call))
  if (outcome.kind === 'unknown') return noAnswer(outcome.error)
  const now = clock.now()
  return db.tx(async (tx) => {
    const row = await lockPayment(tx.sql, paymentId)
    if (outcome.kind !== 'ok') {
      call.failed(tx, describe(outcome))
      movePayment(tx, row, { type: 'void' }, { declineCode: describe(outcome).split(':', 1)[0] ?? null }, now)
      return null
    }
    call.done(tx)
    const { id, url } = outcome.value
    tx.send(tx.sql`
      update payments set session_id = ${id}, page_url = ${url}, page_ends_at = ${endsAt},
        next_look_at = ${new Date(now.getTime() + firstLookMs)}
      where id = ${row.id} and session_id is null`)
    const order = await readOrder(tx.sql, row.orderId)
    // The order may have ended while the page was being created; then it must not be paid there.
    if (order?.status === 'cancelled') return tx.later(EndPage, row.id, { paymentId: row.id })
    delayedBy(tx, call, row, now)
    return null
  }, call.origin)
})

async function open(
  { clock, parts: { provider } }: PaymentsService,
  call: Call<typeof OpenPage.data>,
): Promise<Stripe.Checkout.Session> {
  const { paymentId, request } = call.data
  if (mustLook(call, clock.now())) {
    for await (const session of provider.checkout.sessions.list({ created: madeSince(call), limit: 100 }))
      if (session.client_reference_id === paymentId) return session
  }
  return provider.checkout.sessions.create(request, { idempotencyKey: call.key })
}
