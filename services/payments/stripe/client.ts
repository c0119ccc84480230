// The provider, through its own SDK. With a host it is our sandbox, without one it is Stripe; that is the only
// difference.

import { ConfigError } from '@aisle/kit/config'
import Stripe from 'stripe'
import type { Pace } from './pace.ts'

export type Provider = Stripe

/** The version of Stripe's API that the installed SDK is pinned to; an upgrade of the SDK may change it. */
export const apiVersion = Stripe.API_VERSION

/**
 * Stripe usually answers within a second, but may take ten. A call abandoned before its response arrives never
 * succeeds, however often it is retried.
 */
const timeoutMs = 30_000

export type ProviderOptions = {
  secretKey: string
  host?: string | undefined
  port?: number | undefined
  environment: 'development' | 'demo' | 'production'
  /** Awaited before every request, retries included. */
  pace: Pace
}

/**
 * The client of the provider.
 * @throws {ConfigError} when real money would be mixed with play money: a live key for a sandbox or a demo, a
 * test key or a sandbox in production
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
    // The SDK retries with the same key after a lost connection, a 409 or a 5xx. The sweeper handles what is
    // still unknown then.
    maxNetworkRetries: 1,
    ...(host ? { host, port: port ?? 80, protocol: 'http' as const } : {}),
  })
}

/**
 * The provider stores the first answer to a key, even its own 500, so this key will never yield another answer.
 * The request may or may not have been executed.
 */
export class KeySpent extends Error {}

/**
 * The result of a call. `unknown` is not a failure: the call may have been executed, and is retried with the
 * same key.
 */
export type Outcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'declined'; code: string; intentId: string | null }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'unknown'; error: Error }

/** Makes a call and classifies the result by type and code, never by message text. */
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
    // 401 and 403 mean that our key is wrong, 409 that the same call is under way, 429 that we are too fast.
    // None is an answer about this payment.
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

/** The provider's refusal, as text for our records. */
export const describe = (outcome: Exclude<Outcome<unknown>, { kind: 'unknown' }>): string =>
  outcome.kind === 'refused'
    ? `${outcome.code}: ${outcome.message}`
    : outcome.kind === 'declined'
      ? outcome.code
      : 'unexpected state'
