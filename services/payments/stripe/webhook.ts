// Which webhooks have an effect, what they are about, and when one contains nothing new. Pure.

import type { PaymentStatus } from '@aisle/contracts/entities'
import { type ProviderEvent, providerEvents } from '@aisle/contracts/provider-events'
import { queue, work } from '@aisle/kit/work/work'
import type Stripe from 'stripe'
import { Type } from 'typebox'

const everyStatus = ['created', 'authorized', 'captured', 'refunded', 'declined', 'voided', 'capture-failed'] as const

/**
 * The payment statuses that already include the news of each event. In those, asking again would cost a call against
 * the provider's limit and change nothing. With an empty list, every one is followed.
 */
const statusesWithNews: Record<ProviderEvent, readonly PaymentStatus[]> = {
  'checkout.session.completed': ['authorized', 'captured', 'refunded', 'voided', 'capture-failed'],
  'checkout.session.expired': ['voided', 'declined'],
  'payment_intent.amount_capturable_updated': ['authorized', 'captured', 'refunded'],
  'payment_intent.succeeded': ['captured', 'refunded'],
  'payment_intent.canceled': ['voided', 'declined', 'capture-failed'],
  // A card was declined, and another may follow. The decline is counted (declines.ts) and says nothing new
  // about the payment.
  'payment_intent.payment_failed': everyStatus,
  'refund.created': [],
  'refund.updated': [],
  'refund.failed': [],
}

/**
 * A webhook about an unknown payment is tried for three days, as long as the provider itself retries an unanswered one:
 * about 80 times. All are kept for as long as the provider shows them.
 */
const webhooks = queue('webhooks', {
  places: 16,
  firstPauseMs: 1_000,
  longestPauseMs: 60 * 60 * 1000,
  giveUpAfterMs: 3 * 24 * 60 * 60 * 1000,
  keptDays: 30,
  subject: 'payment_id',
  // The second of two about one payment finds what the first has learned, and asks nothing.
  oneBySubject: true,
})
const idOrNull = Type.Union([Type.String(), Type.Null()])
/** A webhook to follow, by the id of its event. Of its content only what finds the payment is kept. */
export const Webhook = work(
  'webhook',
  Type.Object({
    type: Type.Enum([...providerEvents]),
    objectId: Type.String(),
    intentId: idOrNull,
    paymentId: idOrNull,
  }),
  webhooks,
)
export const isHeard = (type: string): type is ProviderEvent => Object.hasOwn(statusesWithNews, type)

/**
 * Whether the event is news for the payment. `intentId` is the event's: an intent other than the payment's own
 * is always news.
 */
export function isNews(
  type: ProviderEvent,
  intentId: string | null,
  payment: { status: PaymentStatus; stripeId: string | null },
): boolean {
  if (intentId !== null && payment.stripeId !== null && intentId !== payment.stripeId) return true
  return !statusesWithNews[type].includes(payment.status)
}

/** Whether the signed body has the parts of an event that are read here. */
export function isEvent(value: unknown): value is Stripe.Event {
  const { id, type, data } = (value ?? {}) as { id?: unknown; type?: unknown; data?: { object?: unknown } | null }
  const object = data?.object
  return (
    typeof id === 'string' && id !== '' && typeof type === 'string' && typeof object === 'object' && object !== null
  )
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The ids that find the payment. Nothing else of the event is stored or trusted. */
export function subjectOf({ data: { object } }: Stripe.Event): {
  objectId: string
  intentId: string | null
  paymentId: string | null
} {
  const thing = object as {
    id?: unknown
    object?: unknown
    payment_intent?: unknown
    metadata?: { payment_id?: unknown }
  }
  const idOf = (value: unknown) =>
    typeof value === 'string' ? value : ((value as { id?: string } | null | undefined)?.id ?? null)
  const objectId = idOf(thing.id) ?? ''
  const named = thing.metadata?.payment_id
  return {
    objectId,
    intentId: thing.object === 'payment_intent' ? objectId : idOf(thing.payment_intent),
    paymentId: typeof named === 'string' && uuid.test(named) ? named : null,
  }
}
