// The calls to the provider that change something there. Each is durable work: it is committed, with its exact body,
// in the transaction that decided on it, and made afterwards under its key (kit/work/). The code is in calls/.

import { type Job, queue, type Retry, retry, work } from '@aisle/kit/work/work'
import type Stripe from 'stripe'
import { type TSchema, Type } from 'typebox'
import { KeySpent } from './stripe/client.ts'

/** Calls are never given up: each is about somebody's money. They outlive the time in which a payment is disputed. */
export const calls = queue('calls', {
  places: ({ PROVIDER_CALLS_AT_ONCE }) => Number(PROVIDER_CALLS_AT_ONCE),
  firstPauseMs: 500,
  longestPauseMs: 60_000,
  giveUpAfterMs: null,
  keptDays: 400,
  peer: 'stripe',
  subject: 'payment_id',
})

/** A request's body as it was planned. A retry must send the same one, even after a change of code. */
const body = <T>() => Type.Unsafe<T>({ type: 'object' })
const paymentId = Type.String()

/** Holds the money of a card that came as a token. */
export const Authorize = work(
  'authorize',
  Type.Object({ paymentId, request: body<Stripe.PaymentIntentCreateParams>() }),
  calls,
)
/** Opens the provider's page. `windowEndsAt`: the end of the order's window then, in milliseconds since 1970. */
export const OpenPage = work(
  'open-page',
  Type.Object({
    paymentId,
    request: body<Stripe.Checkout.SessionCreateParams>(),
    windowEndsAt: Type.Optional(Type.Integer()),
  }),
  calls,
)
/** Ends the provider's page. */
export const EndPage = work('end-page', Type.Object({ paymentId }), calls)
/** Takes the held money. */
export const Capture = work('capture', Type.Object({ paymentId }), calls)
/** Releases the held money. `intentId`: an authorisation that is not the payment's own. */
export const Void = work('void', Type.Object({ paymentId, intentId: Type.Optional(Type.String()) }), calls)
/** Pays money back to the buyer. */
export const Refund = work(
  'refund',
  Type.Object({ paymentId, refundId: Type.String(), request: body<Stripe.RefundCreateParams>() }),
  calls,
)
/** All kinds of calls. */
export const callKinds = [Authorize, OpenPage, EndPage, Capture, Void, Refund].map(({ kind }) => kind)

export type Call<D extends TSchema> = Job<D>

/**
 * The outcome of a call is unknown. It is made again: under the same key, so the provider executes it once, or under
 * the next one when the provider will never give this one another answer.
 */
export const noAnswer = (error: Error): Retry => retry(error, { nextKey: error instanceof KeySpent })

/** From this many unfinished calls on, one may have to wait for the provider's rate limit. */
const crowd = 4

/** The keys of this process's unfinished calls if there are so many that some wait; otherwise none. */
export function backlog(work: { held(queue: typeof calls): string[] }): string[] {
  const held = work.held(calls)
  return held.length > crowd ? held : []
}
