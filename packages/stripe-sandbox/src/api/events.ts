// Stripe's event objects: written in the transaction of the change, served at /v1/events and sent to the
// webhook endpoint. Each contains the object as it was at that moment.

import type Stripe from 'stripe'
import { newId } from '../store/ids.ts'
import type { Charge, Intent, Refund, Session } from '../store/records.ts'
import type { Call } from './call.ts'
import { serializeCharge } from './serialize-charge.ts'
import { serializeIntent } from './serialize-intent.ts'
import { serializeRefund } from './serialize-refund.ts'
import { serializeSession } from './serialize-session.ts'

/** The version of Stripe's API that the sandbox implements: that of the installed SDK, or this does not compile. */
export const apiVersion: Stripe.LatestApiVersion = '2026-10-28.endive'

/** The events about each kind of object. */
export type IntentEvent =
  | 'payment_intent.amount_capturable_updated'
  | 'payment_intent.canceled'
  | 'payment_intent.created'
  | 'payment_intent.payment_failed'
  | 'payment_intent.requires_action'
  | 'payment_intent.succeeded'
export type ChargeEvent =
  | 'charge.captured'
  | 'charge.expired'
  | 'charge.failed'
  | 'charge.refunded'
  | 'charge.succeeded'
export type RefundEvent = 'refund.created' | 'refund.failed' | 'refund.updated'
export type SessionEvent = 'checkout.session.completed' | 'checkout.session.expired'

/** Writes an event about an intent. */
export function intentHappened(call: Call, type: IntentEvent, intent: Intent): void {
  write(call, type, serializeIntent(call, intent))
}

/** Writes an event about a charge. */
export function chargeHappened(call: Call, type: ChargeEvent, charge: Charge): void {
  write(call, type, serializeCharge(call.store, charge))
}

/** Writes an event about a refund. */
export function refundHappened(call: Call, type: RefundEvent, refund: Refund): void {
  write(call, type, serializeRefund(call, refund))
}

/** Writes an event about a Checkout Session. */
export function sessionHappened(call: Call, type: SessionEvent, session: Session): void {
  write(call, type, serializeSession(call, session))
}

function write(
  call: Call,
  type: IntentEvent | ChargeEvent | RefundEvent | SessionEvent,
  object: Stripe.PaymentIntent | Stripe.Charge | Stripe.Refund | Stripe.Checkout.Session,
): void {
  const event: Stripe.EventBase = {
    id: newId('evt'),
    object: 'event',
    api_version: apiVersion,
    created: call.now,
    data: { object },
    livemode: false,
    pending_webhooks: 0,
    request: { id: call.requestId, idempotency_key: call.idempotencyKey },
    type,
  }
  // EventBase has every field; the union only ties `type` to `data.object`, which the functions above do.
  call.store.events.insert(event as Stripe.Event)
  call.webhooks.happened(event)
}
