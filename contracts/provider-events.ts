// The events of the payment provider that have an effect here. They are selected for the webhook endpoint: any other
// would cost a request and change nothing.

/** The types of these events, as the provider names them: https://docs.stripe.com/api/events/types. */
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
