// Who is told what. Pure: what a message says, and what is known of its order, to notices. Tested as a table.

import type { Language } from '@aisle/contracts/messages/auth'
import type { OrderState } from '@aisle/contracts/messages/orders'
import type { PaymentState } from '@aisle/contracts/messages/payments'
import type { Kind } from './kinds.ts'

/** The ticket of an order, as its buyer saw it. */
export type SoldTicket = OrderState['ticket']

/**
 * What a notice says, besides what its order says: rendered when it is shown or sent, in the language of then (texts/).
 */
export type Params = {
  readonly ticketId?: string
  readonly title?: string
  readonly reason?: string | undefined
  readonly expiresAt?: string
  readonly amount?: number
  readonly currency?: string
  readonly what?: string
  readonly device?: string | undefined
  readonly at?: string
  /** The link of a mail, sealed (kit/sealed.ts), and its language, should nothing else be known of the person. */
  readonly sealed?: string
  readonly language?: Language
}

export type Notice = {
  readonly kind: Kind
  readonly userId: string
  /** What it is about: one notice of a kind and person for each. */
  readonly fact: string
  readonly orderId?: string
  readonly params: Params
}

/** An order as notices knows it. */
export type KnownOrder = {
  readonly id: string
  readonly buyerId: string
  readonly sellerId: string
  readonly status: string
  readonly reason: string | null
  readonly number: string | null
  readonly ticket: SoldTicket
  /** Whether its buyer has opened the payment page, or used a card. */
  readonly pageOpened: boolean
}

const about = ({ id }: KnownOrder) => ({ fact: id, orderId: id, params: {} })

/** The ticket is held, and the buyer can pay. */
export function whenReserved(order: KnownOrder, expiresAt: string): Notice[] {
  return [{ kind: 'reserved', userId: order.buyerId, ...about(order), params: { expiresAt } }]
}

export function whenCompleted(order: KnownOrder): Notice[] {
  return [
    { kind: 'bought', userId: order.buyerId, ...about(order) },
    { kind: 'sold', userId: order.sellerId, ...about(order) },
  ]
}

/**
 * The order has ended without a sale. Buyers who cancelled know it. Those whose time ran out are told if they were
 * about to pay.
 */
export function whenEnded(order: KnownOrder): Notice[] {
  if (order.status !== 'cancelled' || order.reason === 'buyer') return []
  if (order.reason === 'expired')
    return order.pageOpened ? [{ kind: 'expired', userId: order.buyerId, ...about(order) }] : []
  const reason = order.reason ?? undefined
  return [{ kind: 'order-ended', userId: order.buyerId, ...about(order), params: { reason } }]
}

export function whenRefunded(order: KnownOrder, { id, version, amountRefunded, currency }: PaymentState): Notice[] {
  const common = { fact: `${id} ${version}`, orderId: order.id, params: { amount: amountRefunded, currency } }
  return [
    { kind: 'money-back', userId: order.buyerId, ...common },
    { kind: 'sale-refunded', userId: order.sellerId, ...common },
  ]
}

export function whenRefundFailed(order: KnownOrder, { id, version }: PaymentState): Notice[] {
  const common = { fact: `${id} ${version}`, orderId: order.id, params: {} }
  return [
    { kind: 'money-back-failed', userId: order.buyerId, ...common },
    { kind: 'sale-restored', userId: order.sellerId, ...common },
  ]
}
