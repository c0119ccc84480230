// Checkout Sessions and their line items in Stripe's format. The return types are the SDK's, so a forgotten
// field is a compile error.

import type Stripe from 'stripe'
import type { LineItem, Session } from '../store/records.ts'
import type { Call } from './call.ts'
import { serializeIntent } from './serialize-intent.ts'

/** What may be embedded in a session. */
export type SessionExpansion = 'line_items' | 'payment_intent' | 'payment_intent.latest_charge'

const nothing: ReadonlySet<SessionExpansion> = new Set()

/** A Checkout Session, with the expansions of `expand[]`. */
export function serializeSession(
  call: Call,
  session: Session,
  expand: ReadonlySet<SessionExpansion> = nothing,
): Stripe.Checkout.Session {
  return {
    id: session.id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: session.allowedPaymentMethodTypes,
    amount_subtotal: session.amountTotal,
    amount_total: session.amountTotal,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: session.cancelUrl,
    client_reference_id: session.clientReferenceId,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: session.created,
    currency: session.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: session.submitText === null ? null : { message: session.submitText },
      terms_of_service_acceptance: null,
    },
    customer: null,
    customer_account: null,
    customer_creation: 'if_required',
    customer_details: customerDetails(session),
    customer_email: session.customerEmail,
    discounts: [],
    expires_at: session.expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    ...(expand.has('line_items') ? { line_items: lineItems(session) } : {}),
    livemode: false,
    locale: session.locale,
    managed_payments: { enabled: false },
    metadata: session.metadata,
    mode: 'payment',
    origin_context: null,
    payment_intent: paymentIntent(call, session, expand),
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: session.threeDSecure ?? 'automatic' } },
    payment_method_types: ['card'],
    payment_status: paymentStatus(call, session),
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: session.status,
    submit_type: session.submitType,
    subscription: null,
    success_url: session.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: session.status === 'open' ? `${call.publicUrl}/c/pay/${session.id}` : null,
    wallet_options: null,
  }
}

/** A line item, with the price that Stripe creates from `price_data`. */
export function serializeLineItem(session: Session, item: LineItem): Stripe.LineItem {
  const amount = item.unitAmount * item.quantity
  return {
    id: item.id,
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: session.currency,
    description: item.name,
    metadata: {},
    price: {
      id: item.price,
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: session.created,
      currency: session.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: item.product,
      recurring: null,
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'one_time',
      unit_amount: item.unitAmount,
      // Text on the wire; the SDK turns it into its Decimal.
      unit_amount_decimal: String(item.unitAmount) as unknown as Stripe.Decimal,
    },
    quantity: item.quantity,
  }
}

function lineItems(session: Session): Stripe.ApiList<Stripe.LineItem> {
  return {
    object: 'list',
    data: session.lineItems.map((item) => serializeLineItem(session, item)),
    has_more: false,
    url: `/v1/checkout/sessions/${session.id}/line_items`,
  }
}

// An authorisation is not yet a payment: under manual capture Stripe reports `unpaid` until the capture.
function paymentStatus(call: Call, session: Session): 'paid' | 'unpaid' {
  const intent = session.paymentIntent === null ? undefined : call.store.intents.get(session.paymentIntent)
  return intent?.status === 'succeeded' ? 'paid' : 'unpaid'
}

function paymentIntent(call: Call, session: Session, expand: ReadonlySet<SessionExpansion>) {
  const withCharge = expand.has('payment_intent.latest_charge')
  if (session.paymentIntent === null || !(withCharge || expand.has('payment_intent'))) return session.paymentIntent
  const intent = call.store.intents.get(session.paymentIntent)
  if (!intent) throw new Error(`${session.id} names an intent that is not stored: ${session.paymentIntent}`)
  return serializeIntent(call, intent, new Set(withCharge ? ['latest_charge' as const] : []))
}

function customerDetails({ buyer, customerEmail }: Session): Stripe.Checkout.Session.CustomerDetails | null {
  if (buyer === null && customerEmail === null) return null
  return {
    address: null,
    business_name: null,
    email: buyer?.email ?? customerEmail,
    individual_name: null,
    name: buyer?.name ?? null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: buyer === null ? null : [],
  }
}
