// PaymentIntents in Stripe's format. The return type is the SDK's, so a forgotten field is a compile error.

import type Stripe from 'stripe'
import type { Intent, PaymentError } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import type { Call } from './call.ts'
import { docUrl, type ErrorDetails } from './errors.ts'
import { serializeCharge, serializePaymentMethod } from './serialize-charge.ts'

/** What may be embedded in an intent in place of an id. */
export type IntentExpansion = 'latest_charge' | 'payment_method'

const nothing: ReadonlySet<IntentExpansion> = new Set()

/** A PaymentIntent, with the expansions of `expand[]`. */
export function serializeIntent(
  call: Call,
  intent: Intent,
  expand: ReadonlySet<IntentExpansion> = nothing,
): Stripe.PaymentIntent {
  const { store } = call
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: intent.allowedPaymentMethodTypes,
    amount: intent.amount,
    amount_capturable: intent.amountCapturable,
    amount_details: { tip: {} },
    amount_received: intent.amountReceived,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: intent.allowedPaymentMethodTypes
      ? null
      : { allow_redirects: intent.redirects, enabled: true },
    canceled_at: intent.canceledAt,
    cancellation_reason: intent.cancellationReason,
    capture_method: intent.captureMethod,
    client_secret: intent.clientSecret,
    confirmation_method: 'automatic',
    created: intent.created,
    currency: intent.currency,
    customer: null,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: null,
    last_payment_error: intent.lastError && lastPaymentError(store, intent.lastError),
    latest_charge: expand.has('latest_charge') ? latestCharge(store, intent) : intent.latestCharge,
    livemode: false,
    managed_payments: null,
    metadata: intent.metadata,
    next_action: intent.status === 'requires_action' ? nextAction(call, intent) : null,
    on_behalf_of: null,
    payment_method: expand.has('payment_method') ? paymentMethod(store, intent) : intent.paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: intent.receiptEmail,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: intent.statementDescriptor,
    statement_descriptor_suffix: intent.statementDescriptorSuffix,
    status: intent.status,
    transfer_data: null,
    transfer_group: intent.transferGroup,
  }
}

/** The body of a 402 for a card that did not pay. It embeds the intent in its current state. */
export function declineBody(call: Call, intent: Intent, error: PaymentError): { error: ErrorDetails } {
  return { error: { ...lastPaymentError(call.store, error), payment_intent: serializeIntent(call, intent) } }
}

function lastPaymentError(store: Store, error: PaymentError) {
  return {
    // The buyer failed, not the card: Stripe calls that an invalid request.
    type: error.code === 'payment_intent_authentication_failure' ? 'invalid_request_error' : 'card_error',
    code: error.code,
    doc_url: docUrl(error.code),
    message: error.message,
    ...(error.declineCode === null ? {} : { decline_code: error.declineCode }),
    ...(error.adviceCode === null ? {} : { advice_code: error.adviceCode }),
    ...(error.param === null ? {} : { param: error.param }),
    ...(error.charge === null ? {} : { charge: error.charge }),
    payment_method: storedMethod(store, error.paymentMethod),
  } satisfies Stripe.PaymentIntent.LastPaymentError & ErrorDetails
}

function nextAction(call: Call, intent: Intent): Stripe.PaymentIntent.NextAction {
  if (intent.returnUrl === null) return { type: 'use_stripe_sdk', use_stripe_sdk: {} }
  return {
    type: 'redirect_to_url',
    redirect_to_url: { return_url: intent.returnUrl, url: `${call.publicUrl}/c/3ds/${intent.id}` },
  }
}

function latestCharge(store: Store, intent: Intent): Stripe.Charge | null {
  const charge = intent.latestCharge === null ? undefined : store.charges.get(intent.latestCharge)
  return charge ? serializeCharge(store, charge) : null
}

function paymentMethod(store: Store, intent: Intent): Stripe.PaymentMethod | null {
  return intent.paymentMethod === null ? null : storedMethod(store, intent.paymentMethod)
}

function storedMethod(store: Store, id: string): Stripe.PaymentMethod {
  const method = store.paymentMethods.get(id)
  if (!method) throw new Error(`The payment method ${id} is named but not stored.`)
  return serializePaymentMethod(method)
}
