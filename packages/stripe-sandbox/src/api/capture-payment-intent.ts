// POST /v1/payment_intents/:id/capture: captures an authorised amount, or part of it, once; the rest is
// released.

import { takeMoney } from './attempt-payment.ts'
import { ok } from './call.ts'
import { storedIntent } from './confirm-payment-intent.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest, unexpectedState } from './errors.ts'
import { chargeHappened, intentHappened } from './events.ts'
import { expandable, integer, metadata, readParams } from './params.ts'
import { serializeIntent } from './serialize-intent.ts'

const fields = {
  amount_to_capture: integer(1),
  expand: expandable('latest_charge', 'payment_method'),
  metadata,
}

/** Captures a PaymentIntent. */
export const capturePaymentIntent: Endpoint = {
  method: 'POST',
  path: '/v1/payment_intents/:id/capture',
  name: 'payment_intents.capture',
  prepare({ params, id }) {
    const values = readParams(params, fields)

    return (call) => {
      const intent = storedIntent(call, id)
      const charge = intent.latestCharge === null ? undefined : call.store.charges.get(intent.latestCharge)
      if (intent.status !== 'requires_capture' || !charge) {
        const because =
          intent.status === 'succeeded'
            ? 'it has already been captured'
            : `it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture`
        throw unexpectedState(
          `This PaymentIntent could not be captured because ${because}.`,
          serializeIntent(call, intent),
        )
      }
      const amount = values.amount_to_capture ?? intent.amountCapturable
      if (amount > intent.amountCapturable) {
        throw invalidRequest(
          `The amount to capture (${amount}) is greater than the capturable amount (${intent.amountCapturable}).`,
          { code: 'amount_too_large', param: 'amount_to_capture' },
        )
      }
      if (values.metadata) intent.metadata = { ...intent.metadata, ...values.metadata }
      takeMoney(call, intent, charge, amount)
      call.store.unplan(charge.id)
      call.store.charges.update(charge)
      call.store.intents.update(intent)
      chargeHappened(call, 'charge.captured', charge)
      intentHappened(call, 'payment_intent.succeeded', intent)
      return ok(serializeIntent(call, intent, values.expand))
    }
  },
}
