// POST /v1/payment_intents: a payment begins; with confirm=true the card is tried at once.

import { attemptPayment } from './attempt-payment.ts'
import { ok } from './call.ts'
import { formatAmount, maximumAmount, minimumAmount, supportedCurrencies } from './currencies.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest } from './errors.ts'
import { intentHappened } from './events.ts'
import { newClientSecret, newId } from './ids.ts'
import { expandable, flag, hash, integer, metadata, oneOf, readParams, required, text, texts } from './params.ts'
import { findPaymentMethod, paymentMethodFields } from './payment-methods.ts'
import type { Intent } from './records.ts'
import { declineBody, serializeIntent } from './serialize-intent.ts'

const fields = {
  ...paymentMethodFields,
  amount: required(integer(1)),
  currency: required(text(3)),
  allowed_payment_method_types: texts,
  automatic_payment_methods: hash({ enabled: required(flag), allow_redirects: oneOf('always', 'never') }),
  capture_method: oneOf('automatic', 'automatic_async', 'manual'),
  confirm: flag,
  description: text(),
  error_on_requires_action: flag,
  expand: expandable('latest_charge', 'payment_method'),
  metadata,
  off_session: flag,
  receipt_email: text(),
  return_url: text(),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_group: text(),
}

/** Creates a PaymentIntent. */
export const createPaymentIntent: Endpoint = {
  method: 'POST',
  path: '/v1/payment_intents',
  name: 'payment_intents.create',
  prepare({ params }) {
    const values = readParams(params, fields)
    const currency = values.currency.toLowerCase()
    checkAmount(values.amount, currency)
    const types = values.allowed_payment_method_types
    const other = types?.find((type) => type !== 'card')
    if (other !== undefined || types?.length === 0) {
      throw invalidRequest(`The payment method type "${other ?? ''}" is invalid: this sandbox knows cards only.`, {
        param: 'allowed_payment_method_types',
      })
    }
    const redirects = types === undefined ? (values.automatic_payment_methods?.allow_redirects ?? 'always') : 'never'
    if (!values.confirm) {
      for (const param of ['return_url', 'off_session', 'error_on_requires_action'] as const) {
        if (values[param] !== undefined) {
          throw invalidRequest(`You may only specify the following parameter when confirm=true: ${param}.`, { param })
        }
      }
    } else {
      needReturnUrl(redirects, values.return_url)
    }

    return (call) => {
      const method = findPaymentMethod(call, values)
      if (values.confirm && method === null) throw missingPaymentMethod()
      const id = newId('pi')
      const intent: Intent = {
        id,
        created: call.now,
        amount: values.amount,
        amountCapturable: 0,
        amountReceived: 0,
        currency,
        captureMethod: values.capture_method ?? 'automatic_async',
        status: 'requires_payment_method',
        metadata: values.metadata ?? {},
        description: values.description ?? null,
        receiptEmail: values.receipt_email ?? null,
        statementDescriptor: values.statement_descriptor ?? null,
        statementDescriptorSuffix: values.statement_descriptor_suffix ?? null,
        transferGroup: values.transfer_group ?? null,
        allowedPaymentMethodTypes: types === undefined ? null : ['card'],
        redirects,
        returnUrl: values.return_url ?? null,
        paymentMethod: null,
        latestCharge: null,
        lastError: null,
        canceledAt: null,
        cancellationReason: null,
        clientSecret: newClientSecret(id),
      }
      intentHappened(call, 'payment_intent.created', intent)
      if (method !== null && values.confirm) {
        const error = attemptPayment(call, intent, method, {
          offSession: values.off_session ?? false,
          errorOnRequiresAction: values.error_on_requires_action ?? false,
        })
        call.store.intents.insert(intent)
        if (error) return { status: 402, body: declineBody(call, intent, error) }
      } else {
        if (method !== null) {
          intent.paymentMethod = method.id
          intent.status = 'requires_confirmation'
        }
        call.store.intents.insert(intent)
      }
      return ok(serializeIntent(call, intent, values.expand))
    }
  },
}

/** Refuses a confirmation that could send the buyer away without saying where to come back to. */
export function needReturnUrl(redirects: Intent['redirects'], returnUrl: string | null | undefined): void {
  if (redirects === 'never' || returnUrl) return
  throw invalidRequest(
    'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these ' +
      'payment methods might redirect your customer off of your page, you must provide a `return_url`. If you ' +
      "don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and " +
      '`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.',
  )
}

/** Refuses a confirmation with no card. */
export function missingPaymentMethod() {
  return invalidRequest(
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the " +
      'PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment ' +
      'method or ConfirmationToken.',
    { code: 'payment_intent_unexpected_state' },
  )
}

function checkAmount(amount: number, currency: string): void {
  const minimum = minimumAmount(currency)
  if (minimum === undefined) {
    throw invalidRequest(
      `Invalid currency: ${currency}. This sandbox supports these currencies: ${supportedCurrencies().join(', ')}`,
      { param: 'currency' },
    )
  }
  if (amount < minimum) {
    throw invalidRequest(`Amount must be at least ${formatAmount(minimum, currency)}`, {
      code: 'amount_too_small',
      param: 'amount',
    })
  }
  if (amount > maximumAmount) {
    throw invalidRequest(`Amount must be no more than ${formatAmount(maximumAmount, currency)}`, {
      code: 'amount_too_large',
      param: 'amount',
    })
  }
}
