import { Order } from '../entities.ts'
import { message } from '../message.ts'
import { Id, type Static, Type, Version } from '../schema.ts'

// What an admin says to the buyer stays between them.
const { note: _, reason: __, ...said } = Order.properties

/**
 * Why an order was cancelled, in words that every version knows: a listener of the version before would set a message aside
 * that has another one. Who wants to know more asks for the order.
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
/** The window ends later than was said before. */
export const OrderExtended = message('orders', 'order:extended', OrderState)
export const OrderPaymentAccepted = message('orders', 'order:payment-accepted', OrderState)
export const OrderCompleted = message('orders', 'order:completed', OrderState)
export const OrderCancelled = message('orders', 'order:cancelled', OrderState)
export const OrderRefunded = message('orders', 'order:refunded', OrderState)
/**
 * Others speak of an order that is not here: it was lost with a part of this service's history. Who holds a ticket or money for it lets go. `ticketId` is
 * there where the one who spoke of it has said it.
 */
export const OrderUnknown = message(
  'orders',
  'order:unknown',
  Type.Object({ orderId: Id, version: Version, ticketId: Type.Optional(Id) }),
)
