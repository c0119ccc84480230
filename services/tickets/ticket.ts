// The rules of a ticket: what each status allows. Pure; tested as a table, every status by every action.

import type { CancelReason, Seat, TicketStatus } from '@aisle/contracts/entities'
import type { RefusalCode } from '@aisle/contracts/refusals'

/** Every change of a ticket's status, by the statement that makes it. A ticket begins as `listed`. */
export const moves = {
  /** An order gets the ticket. */
  hold: { from: 'listed', to: 'reserved' },
  /** The order that holds it has ended unpaid. */
  release: { from: 'reserved', to: 'listed' },
  /** So, but its seller is banned or erased, or an admin took it down. */
  'release and withdraw': { from: 'reserved', to: 'withdrawn' },
  /** The order that holds it is complete. */
  sell: { from: 'reserved', to: 'sold' },
  /** By its seller, by an admin, or because its seller is banned or erased. */
  withdraw: { from: 'listed', to: 'withdrawn' },
} as const satisfies Record<string, { from: TicketStatus; to: TicketStatus }>

/** Whether the seller may edit or withdraw a ticket now: the refusal, or null if they may. */
export function whyNotEditable(
  status: TicketStatus,
): Extract<RefusalCode, 'ticket-reserved' | 'ticket-sold' | 'ticket-withdrawn'> | null {
  switch (status) {
    case 'listed':
      return null
    case 'reserved':
      return 'ticket-reserved'
    case 'sold':
      return 'ticket-sold'
    case 'withdrawn':
      return 'ticket-withdrawn'
    default:
      return status satisfies never
  }
}

/** What is sold, and for how much. */
export type Terms = { price: number; currency: string; eventId: string | null; seat: Seat | null }
export type HoldDecision =
  | { hold: true }
  | { hold: false; because: Extract<CancelReason, 'ticket-unavailable' | 'price-changed'> }
  | { hold: 'already' }
  | { hold: 'ask-again' }

/** For this many attempts another order's hold is taken for reordering: its release may be on the way. */
const patientTries = 5

/**
 * Whether an order gets the ticket at the `wanted` terms; an event or seat that the order does not name may be
 * any. `tries` counts earlier attempts. The hold's own update repeats this condition; that update is the guard.
 */
export function decideHold(
  ticket: (Terms & { status: TicketStatus; orderId: string | null }) | null,
  orderId: string,
  wanted: Terms,
  tries: number,
): HoldDecision {
  if (!ticket) return { hold: false, because: 'ticket-unavailable' }
  switch (ticket.status) {
    case 'listed':
      if (ticket.price !== wanted.price || ticket.currency !== wanted.currency)
        return { hold: false, because: 'price-changed' }
      return isWhatIsWanted(ticket, wanted) ? { hold: true } : { hold: false, because: 'ticket-unavailable' }
    case 'reserved':
      if (ticket.orderId === orderId) return { hold: 'already' }
      return tries < patientTries ? { hold: 'ask-again' } : { hold: false, because: 'ticket-unavailable' }
    case 'sold':
      return ticket.orderId === orderId ? { hold: 'already' } : { hold: false, because: 'ticket-unavailable' }
    case 'withdrawn':
      return { hold: false, because: 'ticket-unavailable' }
    default:
      return ticket.status satisfies never
  }
}

const isWhatIsWanted = (ticket: Terms, { eventId, seat }: Terms): boolean =>
  (eventId === null || ticket.eventId === eventId) &&
  (seat === null || seatParts.every((part) => ticket.seat?.[part] === seat[part]))

const seatParts = ['section', 'row', 'number'] as const satisfies (keyof Seat)[]

/** True for a time zone that Intl, and so every page, can show. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
