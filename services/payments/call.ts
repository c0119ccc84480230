// A call to the provider: what is planned, who carries it out, and what that needs.

import type { Tx } from '@aisle/kit/db/database'
import type Stripe from 'stripe'
import type { PaymentsBase } from './config.ts'
import type { Meters } from './meters.ts'
import type { PaymentRow } from './queries.ts'
import type { Provider } from './stripe/client.ts'

/** Frozen when the call is planned. */
export type CallParams = {
  /** authorize, open-page, refund: the request's body, word for word. A repetition must not differ, also after a change of configuration or code. */
  request?: Stripe.PaymentIntentCreateParams | Stripe.Checkout.SessionCreateParams | Stripe.RefundCreateParams
  /** void: an authorisation that is not the payment's own. */
  intentId?: string
  /** open-page: when the order's window ended as the buyer asked to pay, milliseconds since 1970. */
  windowEndsAt?: number
}
export type ProviderCall = {
  key: string
  op: 'authorize' | 'open-page' | 'end-page' | 'capture' | 'void' | 'refund'
  paymentId: string
  refundId: string | null
  params: CallParams
  tries: number
  /** The span that the call is a part of. */
  traceparent: string | null
  createdAt: Date
  /** As the one who planned the call knows it; read again when a call is repeated. */
  payment?: PaymentRow
}
export type NewCall = Pick<ProviderCall, 'op' | 'paymentId' | 'params' | 'payment'> & { refundId?: string }

export type CallWorker = {
  /** Plans a call in the transaction that decided on it. Null when it is planned already, or done. */
  plan(tx: Tx, call: NewCall, now: Date): Promise<ProviderCall | null>
  /** Carries a planned call out as soon as a place is free; resolves when it was tried once and its result, if any, is committed. */
  perform(call: ProviderCall): Promise<void>
  /** Takes calls that nobody has finished in time; resolves to the milliseconds until the next look. */
  sweep(): Promise<number>
  /** Keys of the calls that this process has not finished, when they are so many that some wait for their turn; else none. */
  backlog(): string[]
  /** Resolves when the calls under way are finished, or after 10,000 ms; takes no new ones. */
  drain(): Promise<void>
}

/** What carrying a call out needs. */
export type Desk = {
  readonly service: PaymentsBase
  readonly provider: Provider
  readonly meters: Meters
  readonly plan: CallWorker['plan']
  readonly perform: CallWorker['perform']
}

/** Carries a call out. Resolves to an error when the outcome is unknown and the call must be repeated, else to null. */
export type Operation = (desk: Desk, call: ProviderCall, payment: PaymentRow) => Promise<Error | null>
