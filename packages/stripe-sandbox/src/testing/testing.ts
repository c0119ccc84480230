// Shared by the tests: clients of the real SDK, the control plane, waiting for a condition, the error of a
// refused call.

import { setTimeout as sleep } from 'node:timers/promises'
import Stripe from 'stripe'
import { apiVersion } from '../api/events.ts'
import { startSandbox } from '../sandbox.ts'
import type { Charge, DeliveryStatus, Intent, Refund, Session } from '../store/records.ts'

/** The real SDK, connected to a sandbox. */
export function sandboxClient(port: number, apiKey = 'sk_test_sandbox'): Stripe {
  return new Stripe(apiKey, {
    apiVersion,
    host: '127.0.0.1',
    port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
    timeout: 10_000,
  })
}

/** Polls until the answer is as wanted; fails with the last answer. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, seconds = 30): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (Date.now() > end) throw new Error(`Still not as wanted after ${seconds} s: ${JSON.stringify(answer)}`)
    await sleep(200)
  }
}

/** The SDK's error of a refused call; fails if the call succeeds. */
export async function refusalOf(promise: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error
    throw error
  }
  throw new Error('The call was expected to be refused, but it succeeded.')
}

/** Makes a card payment work without a return_url. */
export const cardsOnly: Pick<Stripe.PaymentIntentCreateParams, 'allowed_payment_method_types'> = {
  allowed_payment_method_types: ['card'],
}

/** The parameters of a Checkout Session as our payments service creates it. */
export function checkoutParams(more: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  return {
    mode: 'payment',
    line_items: [
      {
        price_data: {
          currency: 'usd',
          unit_amount: 4200,
          product_data: { name: 'Autumn Lights', description: 'Row 4' },
        },
        quantity: 1,
      },
    ],
    allowed_payment_method_types: ['card'],
    payment_intent_data: { capture_method: 'manual', metadata: { payment_id: 'p-1' }, description: 'Ticket' },
    metadata: { payment_id: 'p-1' },
    client_reference_id: 'p-1',
    customer_email: 'ada@example.com',
    success_url: 'https://shop.example/return?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/orders/1',
    ...more,
  } satisfies Stripe.Checkout.SessionCreateParams
}

/** A minimal browser without JavaScript: it opens a page, or submits a page's form. */
export async function visit(url: string, form?: Record<string, string>) {
  const answer = await fetch(url, {
    redirect: 'manual',
    ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
  })
  const html = await answer.text()
  const location = answer.headers.get('location')
  return {
    status: answer.status,
    html,
    headers: answer.headers,
    /** Where it redirects to, as an absolute URL. */
    location: location === null ? null : new URL(location, url).href,
    /** The values of the page's fields. */
    fields: Object.fromEntries(
      [...html.matchAll(/<input (?![^>]*type="radio")[^>]*name="([^"]+)"[^>]*?(?: value="([^"]*)")?[^>]*>/g)].map(
        ([, name, value]) => [name!, value ?? ''],
      ),
    ),
  }
}

/** The fields of the hosted page, filled in with a card. */
export function typedPayment(number = '4242 4242 4242 4242', more: Record<string, string> = {}) {
  const typed = { email: 'ada@example.com', number, expiry: '12 / 34', cvc: '123', name: 'Ada Lovelace' }
  return { ...typed, card: 'typed', ...more }
}

/** A card's details, which Stripe accepts but the SDK's types omit. */
export function cardData(card: object): Pick<Stripe.PaymentIntentCreateParams, 'payment_method_data'> {
  return { payment_method_data: { type: 'card', card } as Stripe.PaymentIntentCreateParams.PaymentMethodData }
}

/** The provider under test: Stripe's test mode if there is a test key, else a sandbox of our own. */
export async function connect() {
  const stripeKey = process.env.STRIPE_SECRET_KEY
  const testKey = stripeKey?.startsWith('sk_test_') ? stripeKey : undefined
  const sandbox = testKey === undefined ? await startSandbox({ port: 0, dataDir: ':memory:' }) : undefined
  const withKey = (apiKey: string) =>
    sandbox
      ? sandboxClient(sandbox.port, apiKey)
      : new Stripe(apiKey, { apiVersion, telemetry: false, maxNetworkRetries: 0 })
  const stripe = withKey(testKey ?? 'sk_test_contract')
  const pay = (more: Partial<Stripe.PaymentIntentCreateParams> = {}, options?: Stripe.RequestOptions) =>
    stripe.paymentIntents.create({ amount: 1200, currency: 'usd', confirm: true, ...cardsOnly, ...more }, options)
  return {
    stripe,
    withKey,
    pay,
    authorise: (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
      pay({ payment_method: 'pm_card_visa', capture_method: 'manual', ...more }),
    byToken: (token: string) => cardData({ token }),
    chargeOf: (intent: Stripe.PaymentIntent) => stripe.charges.retrieve(intent.latest_charge as string),
    timeout: sandbox ? 15_000 : 240_000,
    waitSeconds: sandbox ? 10 : 200,
    stop: async () => sandbox?.stop(),
  }
}

/** All possible fields of a control plane response; each route fills in its own part. */
export interface ControlAnswer {
  error: string
  now: string
  offsetSeconds: number
  removed: number
  faults: { id: number; times: number }[]
  totals: { currency: string; captured: number; released: number; refunded: number }[]
  intents: Intent[]
  charges: Charge[]
  refunds: Refund[]
  sessions: Session[]
  mode: string
  underWay: number
  pending: number
  settled: boolean
  deliveries: DeliveryAnswer[]
  delivered: { event: string; status: number | null }[]
  dropped: string[]
  endpoint: { url: string; enabledEvents: string[] | null } | null
  event: string
  status: number | null
}

/** A delivery as the control plane shows it. */
export interface DeliveryAnswer {
  event: string
  type: string
  object: string
  metadata: Record<string, string>
  status: DeliveryStatus
  attempts: number
  lastStatus: number | null
  lastTryAt: string | null
  nextTryAt: string | null
}

/** Sends a request to a sandbox's control plane. */
export async function control(url: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${url}/_sandbox${path}`, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, body: (await answer.json()) as ControlAnswer }
}
