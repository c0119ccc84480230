// POST /v1/payment_intents: creates a payment; with confirm=true the card is tried at once.

import { newClientSecret, newId } from '../store/ids.ts'
import type { Intent, IntentData } from '../store/records.ts'
import { attemptPayment } from './attempt-payment.ts'
import { type Call, ok } from './call.ts'
import { formatAmount, maximumAmount, minimumAmount, supportedCurrencies } from './currencies.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest } from './errors.ts'
import { intentHappened } from './events.ts'
import {
  expandable,
  flag,
  hash,
  integer,
  metadata,
  oneOf,
  readParams,
  required,
  text,
  texts,
  type Values,
  webAddress,
} from './params.ts'
import { findPaymentMethod, paymentMethodFields } from './payment-methods.ts'
import { declineBody, serializeIntent } from './serialize-intent.ts'

/** The parameters shared by an intent and a Checkout Session's `payment_intent_data`. */
export const intentDataFields = {
  capture_method: oneOf('automatic', 'automatic_async', 'manual'),
  description: text(),
  metadata,
  receipt_email: text(),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_group: text(),
}

const fields = {
  ...paymentMethodFields,
  ...intentDataFields,
  amount: required(integer(1)),
  currency: required(text(3)),
  allowed_payment_method_types: texts,
  automatic_payment_methods: hash({ enabled: required(flag), allow_redirects: oneOf('always', 'never') }),
  confirm: flag,
  error_on_requires_action: flag,
  expand: expandable('latest_charge', 'payment_method'),
  off_session: flag,
  return_url: webAddress,
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
    const types = readAllowedTypes(values.allowed_payment_method_types)
    const redirects = types === null ? (values.automatic_payment_methods?.allow_redirects ?? 'always') : 'never'
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
      const intent = beginIntent(call, {
        amount: values.amount,
        currency,
        allowedPaymentMethodTypes: types,
        redirects,
        returnUrl: values.return_url ?? null,
        ...readIntentData(values),
      })
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

/** Creates an intent that waits for a card; the caller stores it. */
export function beginIntent(
  call: Call,
  given: IntentData & Pick<Intent, 'amount' | 'currency' | 'allowedPaymentMethodTypes' | 'redirects' | 'returnUrl'>,
): Intent {
  const id = newId('pi')
  const intent: Intent = {
    ...given,
    id,
    created: call.now,
    amountCapturable: 0,
    amountReceived: 0,
    status: 'requires_payment_method',
    paymentMethod: null,
    latestCharge: null,
    lastError: null,
    canceledAt: null,
    cancellationReason: null,
    clientSecret: newClientSecret(id),
  }
  intentHappened(call, 'payment_intent.created', intent)
  return intent
}

/** The parameters of an intent, with Stripe's defaults. */
export function readIntentData(values: Partial<Values<typeof intentDataFields>>): IntentData {
  return {
    captureMethod: values.capture_method ?? 'automatic_async',
    metadata: values.metadata ?? {},
    description: values.description ?? null,
    receiptEmail: values.receipt_email ?? null,
    statementDescriptor: values.statement_descriptor ?? null,
    statementDescriptorSuffix: values.statement_descriptor_suffix ?? null,
    transferGroup: values.transfer_group ?? null,
  }
}

/** Refuses payment methods other than cards; null leaves the choice to Stripe. */
export function readAllowedTypes(types: string[] | undefined): 'card'[] | null {
  if (types === undefined) return null
  const other = types.find((type) => type !== 'card')
  if (other !== undefined || types.length === 0) {
    throw invalidRequest(`The payment method type "${other ?? ''}" is invalid: this sandbox knows cards only.`, {
      param: 'allowed_payment_method_types',
    })
  }
  return ['card']
}

/** Refuses a confirmation that could redirect the buyer without a return URL. */
export function needReturnUrl(redirects: Intent['redirects'], returnUrl: string | null | undefined): void {
  if (redirects === 'never' || returnUrl) return
  throw invalidRequest(
    'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these ' +
      'payment methods might redirect your customer off of your page, you must provide a `return_url`. If you ' +
      "don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and " +
      '`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.',
  )
}

/** Refuses a confirmation without a card. */
export function missingPaymentMethod() {
  return invalidRequest(
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the " +
      'PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment ' +
      'method or ConfirmationToken.',
    { code: 'payment_intent_unexpected_state' },
  )
}

/** Refuses an amount that cannot be charged; `param` is the parameter named in the refusal. */
export function checkAmount(amount: number, currency: string, param = 'amount'): void {
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
      param,
    })
  }
  if (amount > maximumAmount) {
    throw invalidRequest(`Amount must be no more than ${formatAmount(maximumAmount, currency)}`, {
      code: 'amount_too_large',
      param,
    })
  }
}
