// A call to the provider: what is planned, who makes it, and what that requires.

import type { Tx } from '@aisle/kit/db/database'
import type Stripe from 'stripe'
import type { PaymentsBase } from './config.ts'
import type { Meters } from './meters.ts'
import type { PaymentRow } from './queries.ts'
import type { Provider } from './stripe/client.ts'

/** Frozen when the call is planned. */
export type CallParams = {
  /**
   * authorize, open-page, refund: the exact request body. A retry must send the same one, even after a change
   * of configuration or code.
   */
  request?: Stripe.PaymentIntentCreateParams | Stripe.Checkout.SessionCreateParams | Stripe.RefundCreateParams
  /** void: an authorisation that is not the payment's own. */
  intentId?: string
  /** open-page: the end of the order's window when the buyer asked to pay, in milliseconds since 1970. */
  windowEndsAt?: number
}
export type ProviderCall = {
  key: string
  op: 'authorize' | 'open-page' | 'end-page' | 'capture' | 'void' | 'refund'
  paymentId: string
  refundId: string | null
  params: CallParams
  tries: number
  /** The span this call belongs to. */
  traceparent: string | null
  createdAt: Date
  /** The payment as the planner of the call knew it. Read again when a call is retried. */
  payment?: PaymentRow
}
export type NewCall = Pick<ProviderCall, 'op' | 'paymentId' | 'params' | 'payment'> & { refundId?: string }

export type CallWorker = {
  /** Plans a call in the transaction that decided on it. Null if it is already planned or done. */
  plan(tx: Tx, call: NewCall, now: Date): Promise<ProviderCall | null>
  /**
   * Makes a planned call as soon as a slot is free. Resolves once it was attempted and its result, if any, is
   * committed.
   */
  perform(call: ProviderCall): Promise<void>
  /** Reclaims calls that were not finished in time. Resolves to the milliseconds until the next poll. */
  sweep(): Promise<number>
  /** Keys of this process's unfinished calls if there are so many that some wait for a slot; otherwise none. */
  backlog(): string[]
  /** Resolves when the calls under way are finished, or after 10,000 ms. Accepts no new ones. */
  drain(): Promise<void>
}

/** What making a call requires. */
export type CallContext = {
  readonly service: PaymentsBase
  readonly provider: Provider
  readonly meters: Meters
  readonly plan: CallWorker['plan']
  readonly perform: CallWorker['perform']
}

/** Makes a call. Resolves to an error if the outcome is unknown and the call must be retried, else to null. */
export type Operation = (context: CallContext, call: ProviderCall, payment: PaymentRow) => Promise<Error | null>
