// POST /v1/payment_intents/:id/confirm: tries the intent's card, or one given with the request.

import type { Intent, IntentStatus } from '../store/records.ts'
import { attemptPayment } from './attempt-payment.ts'
import { type Call, ok } from './call.ts'
import { missingPaymentMethod, needReturnUrl } from './create-payment-intent.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest, resourceMissing, unexpectedState } from './errors.ts'
import { expandable, flag, readParams, text, webAddress } from './params.ts'
import { sessionOfIntent } from './pay-checkout-session.ts'
import { findPaymentMethod, paymentMethodFields } from './payment-methods.ts'
import { declineBody, serializeIntent } from './serialize-intent.ts'

const fields = {
  ...paymentMethodFields,
  error_on_requires_action: flag,
  expand: expandable('latest_charge', 'payment_method'),
  off_session: flag,
  receipt_email: text(),
  return_url: webAddress,
}
const confirmable: IntentStatus[] = ['requires_payment_method', 'requires_confirmation', 'requires_action']

/** Confirms a PaymentIntent. */
export const confirmPaymentIntent: Endpoint = {
  method: 'POST',
  path: '/v1/payment_intents/:id/confirm',
  name: 'payment_intents.confirm',
  prepare({ params, id }) {
    const values = readParams(params, fields)

    return (call) => {
      const intent = storedIntent(call, id)
      refuseWhileCheckoutIsOpen(call, id)
      if (!confirmable.includes(intent.status)) {
        throw unexpectedState(
          `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. ` +
            `Only a PaymentIntent with one of the following statuses may be confirmed: ${confirmable.join(', ')}.`,
          serializeIntent(call, intent),
        )
      }
      const returnUrl = values.return_url ?? intent.returnUrl
      needReturnUrl(intent.redirects, returnUrl)
      const given = findPaymentMethod(call, values)
      const method = given ?? (intent.paymentMethod && call.store.paymentMethods.get(intent.paymentMethod)) ?? null
      if (!method) throw missingPaymentMethod()
      intent.returnUrl = returnUrl
      intent.receiptEmail = values.receipt_email ?? intent.receiptEmail
      const error = attemptPayment(call, intent, method, {
        offSession: values.off_session ?? false,
        errorOnRequiresAction: values.error_on_requires_action ?? false,
      })
      call.store.intents.update(intent)
      if (error) return { status: 402, body: declineBody(call, intent, error) }
      return ok(serializeIntent(call, intent, values.expand))
    }
  },
}

/** The intent in the path, or Stripe's 404. */
export function storedIntent(call: Call, id: string): Intent {
  const intent = call.store.intents.get(id)
  if (!intent) throw resourceMissing('payment_intent', id, 'intent')
  return intent
}

/** While its page is open, an intent belongs to the page: it ends with the session, by `expire`. */
export function refuseWhileCheckoutIsOpen(call: Call, id: string): void {
  if (sessionOfIntent(call.store, id)?.status !== 'open') return
  throw invalidRequest(
    'You cannot perform this action on PaymentIntents created by Checkout. Expire the Checkout Session instead.',
  )
}
