// Charges and payment methods in Stripe's format. The return types are the SDK's, so a forgotten field is a
// compile error.

import type Stripe from 'stripe'
import type { Charge, PaymentMethod } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { cardOfNumber } from './cards.ts'

const noBillingDetails = {
  address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
  email: null,
  name: null,
  phone: null,
  tax_id: null,
}
const checks = { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' }

/** A charge. */
export function serializeCharge(store: Store, charge: Charge): Stripe.Charge {
  // Stripe also counts money that was authorised and then released as refunded.
  const refunded = charge.amountRefunded + charge.amountReleased
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.amountCaptured,
    amount_refunded: refunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: charge.balanceTransaction,
    billing_details: noBillingDetails,
    calculated_statement_descriptor: 'STRIPE SANDBOX',
    captured: charge.captured,
    created: charge.created,
    currency: charge.currency,
    customer: null,
    description: charge.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: charge.error?.code ?? null,
    failure_message: charge.error?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: charge.metadata,
    on_behalf_of: null,
    outcome: outcome(charge),
    paid: charge.status === 'succeeded',
    payment_intent: charge.paymentIntent,
    payment_method: charge.paymentMethod,
    payment_method_details: { type: 'card', card: cardDetails(store, charge) },
    receipt_email: charge.receiptEmail,
    receipt_number: null,
    receipt_url: null,
    refunded: charge.status === 'succeeded' && refunded === charge.amount,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: charge.status,
    transfer_data: null,
    transfer_group: null,
  }
}

/** A card as given for one payment. */
export function serializePaymentMethod(method: PaymentMethod): Stripe.PaymentMethod {
  const card = cardOfNumber(method.number)
  return {
    id: method.id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: noBillingDetails,
    card: {
      brand: card.brand,
      checks,
      country: card.country,
      display_brand: card.brand,
      exp_month: method.expMonth,
      exp_year: method.expYear,
      fingerprint: fingerprint(card.number),
      funding: card.funding,
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: method.created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  }
}

function cardDetails(store: Store, charge: Charge): Stripe.Charge.PaymentMethodDetails.Card {
  const method = store.paymentMethods.get(charge.paymentMethod)
  if (!method) throw new Error(`Charge ${charge.id} names a payment method that is not stored: ${charge.paymentMethod}`)
  const card = cardOfNumber(method.number)
  return {
    amount_authorized: charge.status === 'succeeded' ? charge.amount : null,
    authorization_code: charge.status === 'succeeded' ? '123456' : null,
    brand: card.brand,
    ...(charge.captureBefore === null ? {} : { capture_before: charge.captureBefore }),
    checks,
    country: card.country,
    electronic_commerce_indicator: null,
    exp_month: method.expMonth,
    exp_year: method.expYear,
    extended_authorization: { status: 'disabled' },
    fingerprint: fingerprint(card.number),
    funding: card.funding,
    incremental_authorization: { status: 'unavailable' },
    installments: null,
    last4: card.number.slice(-4),
    mandate: null,
    multicapture: { status: 'unavailable' },
    network: card.brand,
    network_token: { used: false },
    network_transaction_id: null,
    overcapture: { maximum_amount_capturable: charge.amount, status: 'unavailable' },
    regulated_status: 'unregulated',
    three_d_secure: charge.authenticated
      ? {
          authentication_flow: 'challenge',
          electronic_commerce_indicator: '05',
          exemption_indicator: null,
          result: 'authenticated',
          result_reason: null,
          transaction_id: null,
          version: '2.2.0',
        }
      : null,
    transaction_link_id: null,
    wallet: null,
  }
}

function outcome(charge: Charge): Stripe.Charge.Outcome {
  const { error } = charge
  return {
    advice_code: error?.adviceCode ?? null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: error ? 'declined_by_network' : 'approved_by_network',
    reason: error?.declineCode ?? null,
    risk_level: 'normal',
    risk_score: 20,
    seller_message: error ? 'The bank did not return any further details with this decline.' : 'Payment complete.',
    type: error ? 'issuer_declined' : 'authorized',
  }
}

// The same for the same card, as Stripe's is; nothing else is guaranteed.
function fingerprint(number: string): string {
  return `sandbox${number.slice(-9)}`
}
