import { Order } from '../entities.ts'
import { message } from '../message.ts'
import { Id, type Static, Type, Version } from '../schema.ts'
import { ErasureAnswer } from './erasure.ts'

// An admin's note to the buyer stays between them.
const { note: _, reason: __, ...said } = Order.properties

/**
 * Why an order was cancelled, as a reason that every version knows: a consumer of the previous version would
 * dead-letter a message with any other. The order itself has the precise reason.
 */
export const SaidReason = Type.Enum(['buyer', 'expired', 'ticket-unavailable', 'price-changed', 'payment-failed'])

/** The whole state of an order, with both sides of the sale. */
export const OrderState = Type.Object({
  ...said,
  reason: Type.Optional(SaidReason),
  buyerId: Id,
  sellerId: Id,
  ticketVersion: Type.Integer({ ...Version, description: "the ticket's version that the buyer saw" }),
  paymentId: Type.Optional(Id),
})
export type OrderState = Static<typeof OrderState>

export const OrderCreated = message(
  'orders',
  'order:created',
  'A buyer has reserved a ticket. It is asked for, and not yet held.',
  OrderState,
)
export const OrderReserved = message(
  'orders',
  'order:reserved',
  'The ticket is held for the order. The buyer can pay until `expiresAt`.',
  OrderState,
)
export const OrderExtended = message(
  'orders',
  'order:extended',
  'The window of the order ends at another time than announced before, usually later.',
  OrderState,
)
export const OrderPaymentAccepted = message(
  'orders',
  'order:payment-accepted',
  'The authorised payment was in time and right. The order can no longer expire or be cancelled, and `paymentId` is to be captured.',
  OrderState,
)
export const OrderCompleted = message(
  'orders',
  'order:completed',
  'The payment is captured and the ticket belongs to the buyer; or a refund of the order has failed, and it is complete again.',
  OrderState,
)
export const OrderCancelled = message(
  'orders',
  'order:cancelled',
  'The order has ended without a sale, for `reason`. What is held for it is released.',
  OrderState,
)
export const OrderRefunded = message(
  'orders',
  'order:refunded',
  'The whole price was given back to the buyer.',
  OrderState,
)
export const OrderUnknown = message(
  'orders',
  'order:unknown',
  'Another service has mentioned an order that does not exist in orders, because a part of its history was lost. What is held for it is released. `ticketId` is there if the other service has named the ticket.',
  Type.Object({ orderId: Id, version: Version, ticketId: Type.Optional(Id) }),
)

export const ErasureAnsweredByOrders = message(
  'orders',
  'erasure:answered-by-orders',
  'Whether an order stands in the way of the erasure of a user, on either side of it. If none does, the user reserves nothing, and nobody reserves theirs, until `user:erasure-refused`.',
  ErasureAnswer,
)
