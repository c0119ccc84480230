// The provider, through its own SDK. With a host it is our sandbox, without one it is Stripe: that is the only difference.

import { ConfigError } from '@aisle/kit/config'
import Stripe from 'stripe'
import type { Pace } from './pace.ts'

export type Provider = Stripe

/** The version of Stripe's API that this code was written for; set explicitly so that an upgrade of the SDK does not change it. */
export const apiVersion = Stripe.API_VERSION

/** Stripe answers in a second, and may take ten. A call that is given up sooner than it is answered never succeeds, however often it is repeated. */
const timeoutMs = 30_000

export type ProviderOptions = {
  secretKey: string
  host?: string | undefined
  port?: number | undefined
  environment: 'development' | 'demo' | 'production'
  /** Awaited before every request, repetitions included. */
  pace: Pace
}

/**
 * The client of the provider. @throws {ConfigError} when real money would be mixed with play money: a live key for a
 * sandbox or a demo, a test key or a sandbox in production
 */
export function createProvider({ secretKey, host, port, environment, pace }: ProviderOptions): Provider {
  const isLive = /_live_/.test(secretKey)
  if (host && isLive)
    throw new ConfigError(
      'STRIPE_API_HOST is set together with a live key: a live key must only ever be sent to Stripe. Unset one of them.',
    )
  if (environment === 'production' && host)
    throw new ConfigError('STRIPE_API_HOST is set in production: the sandbox moves no money. Unset it.')
  if (environment === 'production' && !isLive)
    throw new ConfigError(
      'STRIPE_SECRET_KEY is a test key in production: with it anybody buys with a test card. Set a live key, or ENVIRONMENT=demo.',
    )
  if (environment === 'demo' && isLive)
    throw new ConfigError(
      'STRIPE_SECRET_KEY is a live key in a demo, which must not take real money. Set a test key, or ENVIRONMENT=production.',
    )
  const http = Stripe.createNodeHttpClient()
  return new Stripe(secretKey, {
    apiVersion,
    httpClient: {
      getClientName: () => http.getClientName(),
      async makeRequest(...request) {
        await pace()
        return http.makeRequest(...request)
      },
    },
    telemetry: false,
    timeout: timeoutMs,
    // The SDK repeats with the same key after a lost connection, a 409 or a 5xx; what is still unknown then is left to the sweeper.
    maxNetworkRetries: 1,
    ...(host ? { host, port: port ?? 80, protocol: 'http' as const } : {}),
  })
}

/**
 * The provider keeps the first answer to a key, a 500 of its own included: under this key there will never be another. What was asked for may have been
 * done or not.
 */
export class KeySpent extends Error {}

/** What came of a call. `unknown` is not a failure: it may have been carried out, and is repeated with the same key. */
export type Outcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'declined'; code: string; intentId: string | null }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'unknown'; error: Error }

/** Makes a call and sorts what came of it by type and code, never by the text of a message. */
export async function attempt<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'ok', value: await call() }
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError) {
      return {
        kind: 'declined',
        code: error.decline_code ?? error.code ?? 'generic_decline',
        intentId: error.payment_intent?.id ?? null,
      }
    }
    // 401 and 403 say that our key is wrong, 409 that the same call is under way, 429 that we are too fast: none is an answer about this payment.
    if (
      error instanceof Stripe.errors.StripeInvalidRequestError &&
      error.statusCode !== 409 &&
      error.statusCode !== 429
    ) {
      return { kind: 'refused', code: error.code ?? 'invalid_request', message: error.message }
    }
    if (error instanceof Stripe.errors.StripeAPIError && error.headers?.['idempotent-replayed'] === 'true')
      return { kind: 'unknown', error: new KeySpent(error.message, { cause: error }) }
    return { kind: 'unknown', error: error instanceof Error ? error : new Error(String(error)) }
  }
}

/** What the provider said no with, in words for our records. */
export const describe = (outcome: Exclude<Outcome<unknown>, { kind: 'unknown' }>): string =>
  outcome.kind === 'refused'
    ? `${outcome.code}: ${outcome.message}`
    : outcome.kind === 'declined'
      ? outcome.code
      : 'unexpected state'
