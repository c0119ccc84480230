import { Payment } from '../entities.ts'
import { message } from '../message.ts'
import { Id, type Static, Timestamp, Type, Version } from '../schema.ts'
import { ErasureAnswer } from './erasure.ts'

/** The whole state of a payment. `final` on a failure: there will be no further attempt, the order is lost. */
export const PaymentState = Type.Object({
  ...Type.Omit(Payment, ['url']).properties,
  version: Version,
  attempt: Type.Integer({ minimum: 1, description: 'which attempt at paying this order it is' }),
  final: Type.Boolean(),
})
export type PaymentState = Static<typeof PaymentState>

export const PaymentAuthorized = message(
  'payments',
  'payment:authorized',
  "The buyer's bank holds the amount. Nothing is charged yet.",
  PaymentState,
)
export const PaymentCreated = message(
  'payments',
  'payment:created',
  'The money is captured. The message keeps its original name.',
  PaymentState,
)
export const PaymentFailed = message(
  'payments',
  'payment:failed',
  'A card was declined or a capture is impossible. With `final`, no further attempt follows and the order is lost.',
  PaymentState,
)
export const PaymentVoided = message(
  'payments',
  'payment:voided',
  'The hold on the amount is released, or the payment page ended before there was one. Nothing was charged.',
  PaymentState,
)
export const PaymentRefunded = message(
  'payments',
  'payment:refunded',
  'A refund has succeeded, of the whole amount or a part.',
  PaymentState,
)
export const PaymentRefundFailed = message(
  'payments',
  'payment:refund-failed',
  'A refund that had succeeded has failed. The marketplace has the money again, and can refund it again.',
  PaymentState,
)
export const PaymentDelayed = message(
  'payments',
  'payment:delayed',
  'The buyer has asked to pay in time and waits in our own queue to the provider. The window of the order must not end before `expiresAt`. The subject is the order.',
  Type.Object({ orderId: Id, version: Version, paymentId: Id, expiresAt: Timestamp }),
)

export const ErasureAnsweredByPayments = message(
  'payments',
  'erasure:answered-by-payments',
  'Whether money stands in the way of the erasure of a user. Asked after orders, so that no order can bring any more.',
  ErasureAnswer,
)
