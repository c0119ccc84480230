import { Payment } from '../entities.ts'
import { message } from '../message.ts'
import { Id, type Static, Timestamp, Type, Version } from '../schema.ts'

/** The whole state of a payment. `final` on a failure: there will be no further attempt, the order is lost. */
export const PaymentState = Type.Object({
  ...Type.Omit(Payment, ['url']).properties,
  version: Version,
  attempt: Type.Integer({ minimum: 1, description: 'which attempt at paying this order it is' }),
  final: Type.Boolean(),
})
export type PaymentState = Static<typeof PaymentState>

export const PaymentAuthorized = message('payments', 'payment:authorized', PaymentState)
/** The money is captured. The message keeps its original name. */
export const PaymentCreated = message('payments', 'payment:created', PaymentState)
export const PaymentFailed = message('payments', 'payment:failed', PaymentState)
export const PaymentVoided = message('payments', 'payment:voided', PaymentState)
export const PaymentRefunded = message('payments', 'payment:refunded', PaymentState)
/** A refund that had succeeded has failed: the marketplace has the money again, and can refund it again. */
export const PaymentRefundFailed = message('payments', 'payment:refund-failed', PaymentState)
/**
 * The buyer has asked to pay in time, and waits in the marketplace's own queue to the provider: the order's window
 * must not end before `expiresAt`. `subject` is the order.
 */
export const PaymentDelayed = message(
  'payments',
  'payment:delayed',
  Type.Object({ orderId: Id, version: Version, paymentId: Id, expiresAt: Timestamp }),
)
