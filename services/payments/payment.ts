// The fate of a payment. Pure; tested as a table, every status by every action.
//
//   created -> authorized -> captured <-> refunded
//      \            \-> voided  \-> (partly refunded stays captured)
//       \-> declined  \-> capture-failed -> (voided at the provider)

import type { PaymentStatus } from '@aisle/contracts/entities'

/** After this many declined cards the order is given up. */
export const maxDeclines = 3

export type PaymentAction =
  | { type: 'authorize' } // the provider holds the money
  | { type: 'decline'; last: boolean } // the provider declined; `last`: the order has used up its attempts
  | { type: 'capture' } // the money is ours
  | { type: 'fail-capture' } // the provider will never release the money to us
  | { type: 'void' } // the hold is released, or the page ended before there was one
  | { type: 'refund'; whole: boolean }
  | { type: 'fail-refund' } // a refund that had succeeded failed: the money is ours again

/** The next status, or null if the action changes nothing (it is late or a duplicate). */
export function next(status: PaymentStatus, action: PaymentAction): PaymentStatus | null {
  switch (action.type) {
    case 'authorize':
      return status === 'created' ? 'authorized' : null
    case 'decline':
      return status === 'created' ? 'declined' : null
    case 'capture':
      return status === 'authorized' ? 'captured' : null
    case 'fail-capture':
      return status === 'authorized' ? 'capture-failed' : null
    case 'void':
      return status === 'authorized' || status === 'created' ? 'voided' : null
    case 'refund':
      return status === 'captured' ? (action.whole ? 'refunded' : 'captured') : null
    case 'fail-refund':
      return status === 'captured' || status === 'refunded' ? 'captured' : null
    default:
      return action satisfies never
  }
}

/** How much of a payment can still be refunded. Pending refunds count as refunded. */
export const refundable = (payment: { status: PaymentStatus; amount: number }, refundedOrPending: number): number =>
  payment.status === 'captured' ? payment.amount - refundedOrPending : 0
