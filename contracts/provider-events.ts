// The events of the payment provider that have an effect here, and those that are selected for the webhook endpoint:
// any other would cost a request and change nothing.

/** The types that have an effect, as the provider names them: https://docs.stripe.com/api/events/types. */
export const providerEvents = [
  'checkout.session.completed',
  'checkout.session.expired',
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.canceled',
  'payment_intent.payment_failed',
  'refund.created',
  'refund.updated',
  'refund.failed',
] as const

export type ProviderEvent = (typeof providerEvents)[number]

/**
 * The types that are selected for the webhook endpoint. Only our own calls capture, so their answers say that a payment
 * has succeeded, and a call whose answer is lost is made again within seconds. An endpoint that sends it does no harm.
 */
export const selectedEvents = providerEvents.filter((type) => type !== 'payment_intent.succeeded')
