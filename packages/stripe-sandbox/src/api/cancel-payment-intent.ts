// POST /v1/payment_intents/:id/cancel: ends a payment that has not been captured; an authorisation is released
// (voided).

import type { CancellationReason, Intent, IntentStatus } from '../store/records.ts'
import { type Call, ok } from './call.ts'
import { refuseWhileCheckoutIsOpen, storedIntent } from './confirm-payment-intent.ts'
import type { Endpoint } from './endpoint.ts'
import { unexpectedState } from './errors.ts'
import { chargeHappened, intentHappened } from './events.ts'
import { expandable, oneOf, readParams } from './params.ts'
import { serializeIntent } from './serialize-intent.ts'

const fields = {
  cancellation_reason: oneOf('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'),
  expand: expandable('latest_charge', 'payment_method'),
}
const cancelable: IntentStatus[] = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
]

/** Cancels a PaymentIntent. */
export const cancelPaymentIntent: Endpoint = {
  method: 'POST',
  path: '/v1/payment_intents/:id/cancel',
  name: 'payment_intents.cancel',
  prepare({ params, id }) {
    const values = readParams(params, fields)

    return (call) => {
      const intent = storedIntent(call, id)
      refuseWhileCheckoutIsOpen(call, id)
      if (!cancelable.includes(intent.status)) {
        throw unexpectedState(
          `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. ` +
            `Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(', ')}.`,
          serializeIntent(call, intent),
        )
      }
      endIntent(call, intent, values.cancellation_reason ?? null)
      return ok(serializeIntent(call, intent, values.expand))
    }
  },
}

/** Cancels an unpaid intent and releases what it had authorised. */
export function endIntent(call: Call, intent: Intent, reason: CancellationReason | null): void {
  const charge = intent.status === 'requires_capture' && call.store.charges.get(intent.latestCharge!)
  intent.status = 'canceled'
  intent.canceledAt = call.now
  intent.cancellationReason = reason
  intent.amountCapturable = 0
  call.store.intents.update(intent)
  if (charge) {
    charge.amountReleased = charge.amount
    call.store.charges.update(charge)
    call.store.unplan(charge.id)
    // Stripe sends charge.refunded for a void too, with captured false: a listener must not take it for a
    // refund.
    chargeHappened(call, reason === 'automatic' ? 'charge.expired' : 'charge.refunded', charge)
  }
  intentHappened(call, 'payment_intent.canceled', intent)
}
