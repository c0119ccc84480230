import { Order } from '../entities.ts'
import { message } from '../message.ts'
import { Id, type Static, Type, Version } from '../schema.ts'

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

export const OrderCreated = message('orders', 'order:created', OrderState)
export const OrderReserved = message('orders', 'order:reserved', OrderState)
/** The window ends later than announced before. */
export const OrderExtended = message('orders', 'order:extended', OrderState)
export const OrderPaymentAccepted = message('orders', 'order:payment-accepted', OrderState)
export const OrderCompleted = message('orders', 'order:completed', OrderState)
export const OrderCancelled = message('orders', 'order:cancelled', OrderState)
export const OrderRefunded = message('orders', 'order:refunded', OrderState)
/**
 * Another service has mentioned an order that does not exist here: it was lost with a part of this service's
 * history. Services that hold a ticket or money for it release that. `ticketId` is set where the other service has
 * named it.
 */
export const OrderUnknown = message(
  'orders',
  'order:unknown',
  Type.Object({ orderId: Id, version: Version, ticketId: Type.Optional(Id) }),
)
