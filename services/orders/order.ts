// The fate of an order. Pure: (state, action) to the next state, a refusal, or nothing. Tested as a table, every state
// by every action.
//
//   created -> awaiting:payment -> paying -> complete <-> refunded
//      \______________\______________\____-> cancelled (reason)

import type { CancelReason, OrderStatus, TicketEvent } from '@aisle/contracts/entities'
import type { RefusalCode } from '@aisle/contracts/refusals'

export type OrderFacts = {
  status: OrderStatus
  price: number
  currency: string
  paymentId: string | null
  /** Never later than the start of the event. */
  expiresAt: Date
  event: Pick<TicketEvent, 'startsAt'> | null
}

export type OrderAction =
  | { type: 'hold' } // tickets holds the ticket for this order
  | { type: 'refuse-hold'; reason: Extract<CancelReason, 'ticket-unavailable' | 'price-changed'> }
  | { type: 'expire'; at: Date } // a window ending at `at` has run out
  | { type: 'extend'; until: Date } // the buyer asked to pay in time and is waiting for us
  | { type: 'reset-window'; until: Date } // the order was placed by a wrong clock
  | { type: 'ban'; whose: 'buyer' | 'seller' } // one side of the sale is banned
  | { type: 'cancel'; by: 'buyer' | 'admin' } // the buyer changed their mind, or an admin has a reason
  | { type: 'authorize'; paymentId: string; amount: number; currency: string; at: Date } // the card is authorised
  | { type: 'capture'; paymentId: string } // the money is captured
  | { type: 'fail-payment'; paymentId: string } // no further payment attempt will follow
  | { type: 'refund'; paymentId: string } // the whole amount was refunded
  | { type: 'fail-refund'; paymentId: string } // the refund failed: the money came back to us

export type Decision =
  | { move: OrderStatus; reason?: CancelReason; paymentId?: string }
  | { move: null; extendTo: Date } // the status stays, the window ends later
  | { move: null } // nothing to do, nothing to announce
  | { move: null; refuse: Extract<RefusalCode, 'order-not-cancellable'> }
  | { move: null; early: true } // another message must come first

const nothing: Decision = { move: null }

/** Decides what `action` does to `order`. */
export function decide(order: OrderFacts, action: OrderAction): Decision {
  const { status } = order
  switch (action.type) {
    case 'hold':
      return status === 'created' ? { move: 'awaiting:payment' } : nothing
    case 'refuse-hold':
      // If the ticket was held before, tickets has lost it: the order must not be paid.
      return isUnpaid(status) ? { move: 'cancelled', reason: action.reason } : nothing
    case 'expire':
      // A window that was extended meanwhile ends at another time.
      if (!isUnpaid(status) || action.at < order.expiresAt) return nothing
      return { move: 'cancelled', reason: hasBegun(order, action.at) ? 'event-begun' : 'expired' }
    case 'extend': {
      const until = notAfterStart(order, action.until)
      return isUnpaid(status) && until > order.expiresAt ? { move: null, extendTo: until } : nothing
    }
    case 'reset-window':
      return isUnpaid(status) ? { move: null, extendTo: notAfterStart(order, action.until) } : nothing
    case 'ban':
      return isUnpaid(status) ? { move: 'cancelled', reason: `${action.whose}-banned` } : nothing
    case 'cancel':
      if (isUnpaid(status)) return { move: 'cancelled', reason: action.by }
      return status === 'cancelled' ? nothing : { move: null, refuse: 'order-not-cancellable' }
    case 'authorize': {
      const right = action.amount === order.price && action.currency === order.currency
      if (status !== 'awaiting:payment' || !right) return nothing
      // Paid before the event starts, but received later: the authorisation is released, not captured.
      if (hasBegun(order, action.at)) return { move: 'cancelled', reason: 'event-begun' }
      return { move: 'paying', paymentId: action.paymentId }
    }
    case 'capture':
      if (status === 'paying' && order.paymentId === action.paymentId) return { move: 'complete' }
      return nothing
    case 'fail-payment':
      if (status === 'awaiting:payment') return { move: 'cancelled', reason: 'payment-failed' }
      // Only the accepted payment can take the order down with it.
      if (status === 'paying' && order.paymentId === action.paymentId)
        return { move: 'cancelled', reason: 'payment-failed' }
      return nothing
    case 'refund':
      if (order.paymentId !== action.paymentId) return nothing
      if (status === 'paying') return { move: null, early: true }
      return status === 'complete' ? { move: 'refunded' } : nothing
    case 'fail-refund':
      return status === 'refunded' && order.paymentId === action.paymentId ? { move: 'complete' } : nothing
    default:
      return action satisfies never
  }
}

/** Whether the event of a ticket has started at `now`; a ticket without an event never starts. */
export const hasBegun = ({ event }: Pick<OrderFacts, 'event'>, now: Date): boolean =>
  event !== null && Date.parse(event.startsAt) <= now.getTime()

/** `end` or, if earlier, the start of the ticket's event: no window stays open beyond it. */
export const notAfterStart = ({ event }: Pick<OrderFacts, 'event'>, end: Date): Date =>
  event === null ? end : new Date(Math.min(end.getTime(), Date.parse(event.startsAt)))

/** Still to be paid: it can expire and be cancelled. */
export const isUnpaid = (status: OrderStatus): boolean => status === 'created' || status === 'awaiting:payment'
