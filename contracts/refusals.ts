// Every refusal a route can answer with: code, HTTP status and a sentence for people. The list is closed: a route
// cannot refuse with anything else.

export const refusals = {
  invalid: { status: 400, title: 'The request is not valid.' },
  'bad-signature': { status: 400, title: 'The signature of the request is missing, wrong or too old.' },
  'not-signed-in': { status: 401, title: 'Sign in first.' },
  'invalid-credentials': { status: 401, title: 'The email or password is wrong.' },
  'card-declined': { status: 402, title: 'The card was declined. You have not been charged.' },
  forbidden: { status: 403, title: 'This belongs to another account.' },
  'admins-only': { status: 403, title: 'Only an admin can do this.' },
  'own-ticket': { status: 403, title: 'You cannot buy your own ticket.' },
  'address-unconfirmed': { status: 403, title: 'Confirm your email address first.' },
  banned: { status: 403, title: 'This account is banned.' },
  'second-factor-needed': { status: 403, title: 'Admins need a second factor, and sign in with it.' },
  'proof-needed': { status: 403, title: 'Confirm first that it is you.' },
  'wrong-password': { status: 403, title: 'The current password is wrong.' },
  'cross-origin': { status: 403, title: 'This request came from another site.' },
  'not-found': { status: 404, title: 'There is nothing here.' },
  'method-not-allowed': { status: 405, title: 'This address does not support that method.' },
  'ticket-taken': { status: 409, title: 'Someone else has this ticket.' },
  'event-begun': { status: 409, title: 'The event has begun. Its tickets are no longer for sale.' },
  'price-changed': { status: 409, title: 'The price has changed since you saw it.' },
  'too-many-orders': { status: 409, title: 'You have too many unpaid orders. Pay or cancel one first.' },
  'too-many-tickets': { status: 409, title: 'You have reached the limit of tickets per person for this event.' },
  'seat-listed': { status: 409, title: 'This seat is already for sale or sold.' },
  'ticket-withdrawn': { status: 409, title: 'This ticket is no longer for sale.' },
  'seller-banned': { status: 409, title: 'The seller of this ticket can no longer sell.' },
  'ticket-reserved': { status: 409, title: 'The ticket is reserved and cannot be changed right now.' },
  'ticket-sold': { status: 409, title: 'The ticket is sold and cannot be changed.' },
  'order-not-cancellable': { status: 409, title: 'The order can no longer be cancelled.' },
  'order-not-payable': { status: 409, title: 'The order cannot be paid.' },
  'already-paid': { status: 409, title: 'The order is already paid.' },
  'payment-in-progress': { status: 409, title: 'A payment for this order is in progress.' },
  'payment-refused': {
    status: 409,
    title: 'The payment provider did not accept this payment. You have not been charged.',
  },
  'not-refundable': { status: 409, title: 'That amount of this payment cannot be refunded.' },
  'idempotency-key-in-use': { status: 409, title: 'The first request with this Idempotency-Key is still running.' },
  'stale-version': { status: 412, title: 'The ticket has changed since you read it.' },
  'too-large': { status: 413, title: 'The request is too large.' },
  'unsupported-media-type': { status: 415, title: 'Send JSON with Content-Type: application/json.' },
  'invalid-link': {
    status: 422,
    title: 'This link does not work. It may have been used, replaced, or be too old.',
  },
  'invalid-token': { status: 422, title: 'The payment provider does not know this token.' },
  'weak-password': {
    status: 422,
    title: 'This password is easy to guess: it is common, or based on your name or address. Choose another.',
  },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key was used for a different request.' },
  'pay-on-page': {
    status: 422,
    title: 'Cards are accepted only on the payment provider’s page. Pay without a token.',
  },
  'too-many-declines': {
    status: 429,
    title: 'Too many cards were declined. You have not been charged. Try again later.',
  },
  'too-many-requests': { status: 429, title: 'Too many requests. Wait a moment.' },
  internal: { status: 500, title: 'Something went wrong on our side.' },
  'too-many-streams': { status: 503, title: 'Too many pages are open for live updates. Try again in a minute.' },
  unavailable: { status: 503, title: 'The service is not available right now. Try again in a moment.' },
} as const satisfies Record<string, { status: number; title: string }>

export type RefusalCode = keyof typeof refusals

/** The refusal codes that any endpoint can answer with, whatever it declares. */
export const everywhere = [
  'invalid',
  'cross-origin',
  'method-not-allowed',
  'too-large',
  'unsupported-media-type',
  'too-many-requests',
  'internal',
  'unavailable',
] as const satisfies readonly RefusalCode[]
