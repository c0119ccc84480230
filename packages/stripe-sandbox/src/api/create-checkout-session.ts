// POST /v1/checkout/sessions: a page on which a buyer can pay. The intent is created when they first try to
// pay.

import { newId } from '../store/ids.ts'
import type { LineItem, Session } from '../store/records.ts'
import { ok } from './call.ts'
import { checkAmount, intentDataFields, readAllowedTypes, readIntentData } from './create-payment-intent.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest } from './errors.ts'
import {
  email,
  expandable,
  flag,
  hash,
  hashes,
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
import { serializeSession } from './serialize-session.ts'

const shortestSeconds = 30 * 60
const longestSeconds = 24 * 60 * 60
const maxLineItems = 100

const lineItem = {
  price_data: required(
    hash({
      currency: required(text(3)),
      product_data: required(hash({ name: required(text()), description: text(), images: texts, metadata })),
      unit_amount: required(integer(0)),
    }),
  ),
  quantity: required(integer(1)),
}

const fields = {
  adaptive_pricing: hash({ enabled: flag }),
  allowed_payment_method_types: texts,
  billing_address_collection: oneOf('auto'),
  cancel_url: webAddress,
  client_reference_id: text(200),
  custom_text: hash({ submit: hash({ message: required(text(1200)) }) }),
  customer_creation: oneOf('if_required'),
  customer_email: email,
  expand: expandable('line_items', 'payment_intent', 'payment_intent.latest_charge'),
  expires_at: integer(0),
  line_items: hashes(lineItem),
  locale: text(10),
  metadata,
  mode: required(oneOf('payment')),
  payment_intent_data: hash(intentDataFields),
  payment_method_options: hash({ card: hash({ request_three_d_secure: oneOf('any', 'automatic', 'challenge') }) }),
  submit_type: oneOf('auto', 'book', 'donate', 'pay'),
  success_url: required(webAddress),
  ui_mode: oneOf('hosted_page'),
}

/** Creates a Checkout Session. */
export const createCheckoutSession: Endpoint = {
  method: 'POST',
  path: '/v1/checkout/sessions',
  name: 'checkout.sessions.create',
  prepare({ params }) {
    const values = readParams(params, fields)
    const { currency, items, total } = readLineItems(values.line_items)
    const allowedPaymentMethodTypes = readAllowedTypes(values.allowed_payment_method_types)

    return (call) => {
      const expiresAt = values.expires_at ?? call.now + longestSeconds
      checkExpiry(expiresAt - call.now)
      const session: Session = {
        id: newId('cs_test', 58),
        created: call.now,
        expiresAt,
        status: 'open',
        currency,
        amountTotal: total,
        lineItems: items,
        metadata: values.metadata ?? {},
        clientReferenceId: values.client_reference_id ?? null,
        customerEmail: values.customer_email ?? null,
        successUrl: values.success_url,
        cancelUrl: values.cancel_url ?? null,
        locale: values.locale ?? null,
        submitType: values.submit_type ?? null,
        submitText: values.custom_text?.submit?.message ?? null,
        allowedPaymentMethodTypes,
        threeDSecure: values.payment_method_options?.card?.request_three_d_secure ?? 'automatic',
        intentData: readIntentData(values.payment_intent_data ?? {}),
        paymentIntent: null,
        buyer: null,
      }
      call.store.sessions.insert(session)
      call.store.plan(expiresAt, 'session-expires', session.id)
      return ok(serializeSession(call, session, values.expand))
    }
  },
}

function readLineItems(given: Values<typeof lineItem>[] | undefined) {
  if (given === undefined || given.length === 0) {
    throw invalidRequest('The `line_items` parameter is required in payment mode.', {
      code: 'parameter_missing',
      param: 'line_items',
    })
  }
  if (given.length > maxLineItems) {
    throw invalidRequest(`You can only pass up to ${maxLineItems} line items.`, { param: 'line_items' })
  }
  const currency = given[0]!.price_data.currency.toLowerCase()
  const other = given.find(({ price_data }) => price_data.currency.toLowerCase() !== currency)
  if (other) {
    throw invalidRequest(
      `All line items must have the same currency: ${currency} and ${other.price_data.currency} were given.`,
      { param: 'line_items' },
    )
  }
  const items = given.map(
    ({ price_data: { product_data, unit_amount }, quantity }): LineItem => ({
      id: newId('li'),
      name: product_data.name,
      description: product_data.description ?? null,
      unitAmount: unit_amount,
      quantity,
      price: newId('price'),
      product: newId('prod'),
    }),
  )
  const total = items.reduce((sum, { unitAmount, quantity }) => sum + unitAmount * quantity, 0)
  checkAmount(total, currency, 'line_items')
  return { currency, items, total }
}

function checkExpiry(seconds: number): void {
  if (seconds >= shortestSeconds && seconds <= longestSeconds) return
  const limit = seconds < shortestSeconds ? 'at least 30 minutes' : 'less than 24 hours'
  throw invalidRequest(`The \`expires_at\` timestamp must be ${limit} from Checkout Session creation.`, {
    param: 'expires_at',
  })
}
