// The buyer confirms on the hosted page. The first attempt creates the intent, which later attempts reuse; an
// approved attempt completes the session in the same transaction. Only an open session can be paid, so two
// posts, or a post and an `expire`, cannot both succeed.

import type { Intent, PaymentError, Session } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { everything, newest } from '../store/table.ts'
import { attemptPayment } from './attempt-payment.ts'
import type { Call } from './call.ts'
import { beginIntent } from './create-payment-intent.ts'
import { sessionHappened } from './events.ts'
import { storeCard } from './payment-methods.ts'

/** The result of an attempt. */
export type PayOutcome =
  | { kind: 'paid' }
  | { kind: 'challenge'; intent: Intent }
  | { kind: 'declined'; error: PaymentError }

/** Attempts to pay an open session with a card. A card without an expiry is a test card. */
export function paySession(
  call: Call,
  session: Session,
  buyer: { email: string; name: string | null },
  card: { number: string; expMonth?: number; expYear?: number },
): PayOutcome {
  const { store } = call
  if (session.status !== 'open') throw new Error(`${session.id} is ${session.status}: it can no longer be paid.`)
  const intent = session.paymentIntent === null ? undefined : store.intents.get(session.paymentIntent)
  // A second click on the button must not begin 3-D Secure again.
  if (intent?.status === 'requires_action') {
    const waiting = store.paymentMethods.get(intent.paymentMethod!)
    if (waiting?.number === card.number) return { kind: 'challenge', intent }
  }

  session.buyer = buyer
  const method = storeCard(call, card.number, card.expMonth, card.expYear)
  const attempted = intent ?? firstIntent(call, session)
  const error = attemptPayment(call, attempted, method, { offSession: false, errorOnRequiresAction: false })
  if (intent) store.intents.update(attempted)
  else store.intents.insert(attempted)
  session.paymentIntent = attempted.id
  store.sessions.update(session)
  if (error) return { kind: 'declined', error }
  if (attempted.status === 'requires_action') return { kind: 'challenge', intent: attempted }
  completeSession(call, session)
  return { kind: 'paid' }
}

/** The session's intent is paid or authorised: the page is done. */
export function completeSession(call: Call, session: Session): void {
  session.status = 'complete'
  call.store.sessions.update(session)
  call.store.unplan(session.id)
  sessionHappened(call, 'checkout.session.completed', session)
}

/** The session that created an intent, if any. */
export function sessionOfIntent(store: Store, intentId: string): Session | undefined {
  return store.sessions.list({ ...everything, where: { payment_intent: intentId } }, newest(1))[0]
}

function firstIntent(call: Call, session: Session): Intent {
  return beginIntent(call, {
    ...session.intentData,
    amount: session.amountTotal,
    currency: session.currency,
    allowedPaymentMethodTypes: session.allowedPaymentMethodTypes,
    redirects: 'never',
    returnUrl: null,
  })
}
