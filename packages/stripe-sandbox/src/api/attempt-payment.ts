// One attempt to pay an intent with a card: approved, declined, or sent to 3-D Secure.
//
// The intent is changed in memory and saved by the caller, so a new intent is written only once. A declined
// attempt keeps its failed charge, and the intent can be tried again with another card.

import { newId } from '../store/ids.ts'
import type { Charge, Intent, PaymentError, PaymentMethod } from '../store/records.ts'
import type { Call } from './call.ts'
import { cardOfNumber, type Decline } from './cards.ts'
import { chargeHappened, intentHappened } from './events.ts'

/** How long a card authorisation can be captured: seven days, as Stripe's for most cards. */
const authorisationSeconds = 7 * 24 * 60 * 60

// Stripe's price for a domestic card in the US: 2.9 % + 30 cents. A refund does not return it.
const feeShare = 0.029
const feeFixedMinor = 30

/** Whether the buyer can be asked for 3-D Secure. If not, a card that requires it does not pay. */
export interface AttemptOptions {
  offSession: boolean
  errorOnRequiresAction: boolean
}

/** Attempts a payment. Returns why it failed, or null if it is paid, authorised or waiting for 3-D Secure. */
export function attemptPayment(
  call: Call,
  intent: Intent,
  method: PaymentMethod,
  options: AttemptOptions,
): PaymentError | null {
  const { outcome } = cardOfNumber(method.number)
  intent.lastError = null
  switch (outcome.kind) {
    case 'approved':
      approve(call, intent, method, false)
      return null
    case 'declined':
      return decline(call, intent, method, outcome.decline)
    case 'challenge':
      if (options.offSession || options.errorOnRequiresAction) {
        return refuseChallenge(call, intent, method, options)
      }
      intent.paymentMethod = method.id
      intent.status = 'requires_action'
      intentHappened(call, 'payment_intent.requires_action', intent)
      return null
    default:
      return outcome satisfies never
  }
}

// The issuer approved: the money is taken or, under manual capture, held.
function approve(call: Call, intent: Intent, method: PaymentMethod, authenticated: boolean): void {
  const charge = newCharge(call, intent, method)
  charge.authenticated = authenticated
  intent.paymentMethod = method.id
  intent.latestCharge = charge.id
  if (intent.captureMethod === 'manual') {
    charge.captureBefore = call.now + authorisationSeconds
    intent.status = 'requires_capture'
    intent.amountCapturable = intent.amount
    call.store.plan(charge.captureBefore, 'authorisation-expires', charge.id)
    call.store.charges.insert(charge)
    chargeHappened(call, 'charge.succeeded', charge)
    intentHappened(call, 'payment_intent.amount_capturable_updated', intent)
    return
  }
  takeMoney(call, intent, charge, intent.amount)
  call.store.charges.insert(charge)
  intentHappened(call, 'payment_intent.succeeded', intent)
  chargeHappened(call, 'charge.succeeded', charge)
}

/** Captures an amount of a charge and releases the rest. */
export function takeMoney(call: Call, intent: Intent, charge: Charge, amount: number): void {
  charge.captured = true
  charge.amountCaptured = amount
  charge.amountReleased = charge.amount - amount
  charge.balanceTransaction = newId('txn')
  intent.status = 'succeeded'
  intent.amountCapturable = 0
  intent.amountReceived = amount
  call.store.addToBalance(charge.currency, amount - Math.round(amount * feeShare) - feeFixedMinor)
}

// The issuer declined: the charge is kept as failed and the intent needs another card.
function decline(call: Call, intent: Intent, method: PaymentMethod, reason: Decline): PaymentError {
  const charge = newCharge(call, intent, method)
  const error: PaymentError = {
    code: reason.code,
    declineCode: reason.declineCode,
    message: reason.message,
    param: reason.param,
    adviceCode: reason.adviceCode,
    charge: charge.id,
    paymentMethod: method.id,
  }
  charge.status = 'failed'
  charge.error = error
  wantAnotherCard(intent, error)
  intent.latestCharge = charge.id
  call.store.charges.insert(charge)
  chargeHappened(call, 'charge.failed', charge)
  intentHappened(call, 'payment_intent.payment_failed', intent)
  return error
}

/** Ends 3-D Secure, passed or not. The issuer then approves, declines, or is not even asked. The caller saves. */
export function finishChallenge(call: Call, intent: Intent, passed: boolean): void {
  const method = call.store.paymentMethods.get(intent.paymentMethod!)
  if (!method) throw new Error(`${intent.id} waits for 3-D Secure with a card that is not stored.`)
  const { outcome } = cardOfNumber(method.number)
  const refusal = outcome.kind === 'challenge' ? outcome.then : null
  if (!passed) failAuthentication(call, intent, method)
  else if (refusal) decline(call, intent, method, refusal)
  else approve(call, intent, method, true)
}

function failAuthentication(call: Call, intent: Intent, method: PaymentMethod): void {
  wantAnotherCard(intent, {
    code: 'payment_intent_authentication_failure',
    declineCode: null,
    message:
      'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new ' +
      'PaymentMethod to attempt to fulfill this PaymentIntent again.',
    param: null,
    adviceCode: null,
    charge: null,
    paymentMethod: method.id,
  })
  intentHappened(call, 'payment_intent.payment_failed', intent)
}

function refuseChallenge(call: Call, intent: Intent, method: PaymentMethod, options: AttemptOptions): PaymentError {
  const error: PaymentError = {
    code: 'authentication_required',
    declineCode: options.errorOnRequiresAction ? 'authentication_not_handled' : 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
    param: null,
    adviceCode: null,
    charge: null,
    paymentMethod: method.id,
  }
  wantAnotherCard(intent, error)
  intentHappened(call, 'payment_intent.payment_failed', intent)
  return error
}

function wantAnotherCard(intent: Intent, error: PaymentError): void {
  intent.status = 'requires_payment_method'
  intent.paymentMethod = null
  intent.lastError = error
}

function newCharge(call: Call, intent: Intent, method: PaymentMethod): Charge {
  return {
    id: newId('ch'),
    created: call.now,
    paymentIntent: intent.id,
    paymentMethod: method.id,
    amount: intent.amount,
    amountCaptured: 0,
    amountReleased: 0,
    amountRefunded: 0,
    captured: false,
    currency: intent.currency,
    status: 'succeeded',
    error: null,
    metadata: intent.metadata,
    description: intent.description,
    receiptEmail: intent.receiptEmail,
    captureBefore: null,
    balanceTransaction: null,
    authenticated: false,
  }
}
