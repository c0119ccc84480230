// POST /v1/refunds: refunds captured money, whole or in part. The refunds of a charge never sum to more than
// was captured; a refund that fails later makes its amount refundable again.

import { newId } from '../store/ids.ts'
import type { Charge, Refund } from '../store/records.ts'
import { type Call, ok } from './call.ts'
import { cardOfNumber } from './cards.ts'
import { formatAmount } from './currencies.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest, resourceMissing, StripeFault } from './errors.ts'
import { chargeHappened, refundHappened } from './events.ts'
import { expandable, integer, metadata, oneOf, readParams, text } from './params.ts'
import { serializeRefund } from './serialize-refund.ts'

/** Seconds of sandbox time after which a pending refund succeeds and a refund to a bad card fails. */
const refundSettlesAfterSeconds = 3

const fields = {
  amount: integer(1),
  charge: text(),
  expand: expandable('charge', 'payment_intent'),
  metadata,
  payment_intent: text(),
  reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
}

/** Creates a refund. */
export const createRefund: Endpoint = {
  method: 'POST',
  path: '/v1/refunds',
  name: 'refunds.create',
  prepare({ params }) {
    const values = readParams(params, fields)
    if (values.charge === undefined && values.payment_intent === undefined) {
      throw invalidRequest(
        'One of the following params should be provided for this request: payment_intent or charge.',
        { code: 'parameter_missing', param: 'payment_intent' },
      )
    }

    return (call) => {
      const charge = chargeToRefund(call, values.charge, values.payment_intent)
      const refundable = charge.amountCaptured - charge.amountRefunded
      if (refundable === 0) {
        throw new StripeFault(400, {
          type: 'invalid_request_error',
          code: 'charge_already_refunded',
          message: `Charge ${charge.id} has already been refunded.`,
          charge: charge.id,
        })
      }
      const amount = values.amount ?? refundable
      if (amount > refundable) {
        // Stripe sends no code here.
        throw invalidRequest(
          `Refund amount (${formatAmount(amount, charge.currency)}) is greater than unrefunded amount on charge ` +
            `(${formatAmount(refundable, charge.currency)})`,
          { param: 'amount' },
        )
      }
      const outcome = refundOutcome(call, charge)
      const refund: Refund = {
        id: newId('re'),
        created: call.now,
        amount,
        currency: charge.currency,
        charge: charge.id,
        paymentIntent: charge.paymentIntent,
        reason: values.reason ?? null,
        metadata: values.metadata ?? {},
        status: outcome === 'pending-then-succeeds' ? 'pending' : 'succeeded',
        failureReason: null,
        balanceTransaction: newId('txn'),
        failureBalanceTransaction: null,
      }
      charge.amountRefunded += amount
      call.store.refunds.insert(refund)
      call.store.charges.update(charge)
      call.store.addToBalance(charge.currency, -amount)
      if (outcome !== 'succeeds') {
        const change = outcome === 'pending-then-succeeds' ? 'refund-succeeds' : 'refund-fails'
        call.store.plan(call.now + refundSettlesAfterSeconds, change, refund.id)
      }
      refundHappened(call, 'refund.created', refund)
      chargeHappened(call, 'charge.refunded', charge)
      return ok(serializeRefund(call, refund, values.expand))
    }
  },
}

function chargeToRefund(call: Call, chargeId: string | undefined, intentId: string | undefined): Charge {
  let id = chargeId
  if (intentId !== undefined) {
    const intent = call.store.intents.get(intentId)
    if (!intent) throw resourceMissing('payment_intent', intentId, 'payment_intent')
    if (id !== undefined && id !== intent.latestCharge) {
      throw invalidRequest(`The charge ${id} does not belong to the PaymentIntent ${intentId}.`, { param: 'charge' })
    }
    if (intent.latestCharge === null) throw nothingToRefund(intentId)
    id = intent.latestCharge
  }
  const charge = call.store.charges.get(id!)
  if (!charge) throw resourceMissing('charge', id!, 'charge')
  if (charge.status === 'failed' || (!charge.captured && charge.amountReleased > 0)) {
    throw nothingToRefund(charge.paymentIntent)
  }
  if (!charge.captured) {
    throw invalidRequest(
      `This uncaptured Charge was created by a PaymentIntent (${charge.paymentIntent}). You must cancel the ` +
        'PaymentIntent to reverse the authorization instead of refunding the Charge directly.',
    )
  }
  return charge
}

function nothingToRefund(intentId: string): StripeFault {
  return invalidRequest(`This PaymentIntent (${intentId}) does not have a successful charge to refund.`)
}

function refundOutcome(call: Call, charge: Charge) {
  const method = call.store.paymentMethods.get(charge.paymentMethod)
  if (!method) throw new Error(`Charge ${charge.id} names a payment method that is not stored: ${charge.paymentMethod}`)
  return cardOfNumber(method.number).refund
}
