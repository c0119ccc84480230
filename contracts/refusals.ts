// Every way in which a request can be refused, with its status and the sentence that people read. Closed: a route
// can refuse with nothing else.

export const refusals = {
  invalid: { status: 400, title: 'The request is not valid.' },
  'bad-signature': { status: 400, title: 'This was not signed by the payment provider, or too long ago.' },
  'not-signed-in': { status: 401, title: 'Sign in first.' },
  'invalid-credentials': { status: 401, title: 'Email or password is not right.' },
  'card-declined': { status: 402, title: 'The card was declined. You have not been charged.' },
  forbidden: { status: 403, title: 'This is not yours.' },
  'admins-only': { status: 403, title: 'Only an admin may do this.' },
  'own-ticket': { status: 403, title: 'You cannot buy your own ticket.' },
  banned: { status: 403, title: 'This account is banned.' },
  'wrong-password': { status: 403, title: 'The current password is not right.' },
  'cross-origin': { status: 403, title: 'This request came from another site.' },
  'not-found': { status: 404, title: 'There is nothing here.' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method.' },
  'email-in-use': { status: 409, title: 'There is already an account with this email.' },
  'ticket-taken': { status: 409, title: 'Someone else has this ticket.' },
  'event-begun': { status: 409, title: 'The event has begun. Its tickets are not for sale any more.' },
  'price-changed': { status: 409, title: 'The price is not the one that you saw.' },
  'too-many-orders': { status: 409, title: 'You have too many orders to pay. Pay or cancel one first.' },
  'too-many-tickets': { status: 409, title: 'You have as many tickets for this event as one buyer may have.' },
  'seat-listed': { status: 409, title: 'This seat is already for sale, or sold.' },
  'ticket-withdrawn': { status: 409, title: 'This ticket is no longer for sale.' },
  'seller-banned': { status: 409, title: 'The seller of this ticket may not sell any more.' },
  'ticket-reserved': { status: 409, title: 'The ticket is reserved and cannot be changed now.' },
  'ticket-sold': { status: 409, title: 'The ticket is sold and cannot be changed.' },
  'order-not-cancellable': { status: 409, title: 'The order can no longer be cancelled.' },
  'order-not-payable': { status: 409, title: 'The order cannot be paid.' },
  'already-paid': { status: 409, title: 'The order is already paid.' },
  'payment-in-progress': { status: 409, title: 'A payment for this order is under way.' },
  'payment-refused': {
    status: 409,
    title: 'The payment provider does not take this payment. You have not been charged.',
  },
  'not-refundable': { status: 409, title: 'This payment cannot be refunded by that amount.' },
  'idempotency-key-in-use': { status: 409, title: 'The first request with this Idempotency-Key is still running.' },
  'stale-version': { status: 412, title: 'The ticket has changed since you read it.' },
  'too-large': { status: 413, title: 'The request is too large.' },
  'unsupported-media-type': { status: 415, title: 'Send JSON with Content-Type: application/json.' },
  'invalid-token': { status: 422, title: 'The payment provider does not know this token.' },
  'weak-password': {
    status: 422,
    title: 'This password is easy to guess: it is a common one, or made of your name or address. Choose another.',
  },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key was used with another request.' },
  'pay-on-page': {
    status: 422,
    title: 'Cards are taken on the page of the payment provider alone. Pay without a token.',
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
