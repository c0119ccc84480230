// What the provider's state of a payment means for ours. Pure; tested as a table. Every source of news (a
// response, a webhook, the buyer's return, the sweeper, the nightly reconciliation) ends here, so it does not
// matter which comes first, twice, late or never.

import type { OrderStatus, PaymentStatus } from '@aisle/contracts/entities'
import type { PaymentAction } from '../payment.ts'

export type Known = { status: PaymentStatus; amount: number; currency: string; stripeId: string | null }
export type OrderKnown = { status: OrderStatus; paymentId: string | null }
/** The provider's current state. `page` is null if the card came as a token. */
export type Seen = {
  page: 'open' | 'complete' | 'expired' | null
  intent: { id: string; status: string; amount: number; currency: string } | null
  /** The intent is known not to be the payment's own. */
  stray?: boolean
}
export type Verdict = {
  moves: Extract<PaymentAction, { type: 'authorize' | 'capture' | 'fail-capture' | 'void' }>['type'][]
  /**
   * What to request from the provider. `refund` means everything: money was taken for a ticket the buyer does
   * not get.
   */
  ask: 'capture' | 'void' | 'refund' | null
  /** What an operator must be told. */
  alarm: string | null
}

const nothing: Verdict = { moves: [], ask: null, alarm: null }

/** Decides what follows from `seen`. `order` is our mirror's, null if no message about it has arrived. */
export function judge(payment: Known & { id: string }, order: OrderKnown | null, seen: Seen): Verdict {
  const { intent, page, stray = false } = seen
  const { status } = payment
  const lost = order?.status === 'cancelled' || (order?.paymentId != null && order.paymentId !== payment.id)
  switch (intent?.status) {
    case 'requires_capture':
      if (intent.amount !== payment.amount || intent.currency !== payment.currency)
        return {
          moves: [],
          ask: 'void',
          alarm: `the provider holds ${intent.amount} ${intent.currency}, the order is ${payment.amount} ${payment.currency}`,
        }
      if (stray || (payment.stripeId !== null && payment.stripeId !== intent.id))
        return { moves: [], ask: 'void', alarm: `a second authorisation, beside ${payment.stripeId ?? 'its page'}` }
      if (status === 'created') return { moves: ['authorize'], ask: lost ? 'void' : null, alarm: null }
      if (status === 'authorized') {
        const accepted = !lost && (order?.status === 'paying' || order?.status === 'complete')
        return { moves: [], ask: lost ? 'void' : accepted ? 'capture' : null, alarm: null }
      }
      if (status === 'captured' || status === 'refunded')
        return { ...nothing, alarm: 'we count it as captured, the provider does not' }
      return { moves: [], ask: 'void', alarm: null }

    case 'succeeded':
      if (status === 'captured' || status === 'refunded') return nothing
      if (status === 'created' || status === 'authorized') {
        const moves: Verdict['moves'] = status === 'created' ? ['authorize'] : []
        if (lost)
          return {
            moves: [...moves, 'capture'],
            ask: 'refund',
            alarm: 'captured although its order was lost; refunding',
          }
        // If the order has not been asked yet, ask first; the capture that follows finds the intent already
        // captured.
        return { moves: status === 'created' ? moves : ['capture'], ask: null, alarm: null }
      }
      return { ...nothing, alarm: `captured at the provider although it is ${status}` }

    case 'canceled':
      if (status === 'captured' || status === 'refunded')
        return { ...nothing, alarm: 'we count it as captured, the provider has let it go' }
      // The order has accepted an authorisation that no longer exists: it must be notified.
      if (status === 'authorized' && !lost && order?.status === 'paying')
        return { moves: ['fail-capture'], ask: null, alarm: null }
      return { moves: ['void'], ask: null, alarm: null }

    default:
      // Not authorised (yet): while the page is open, another card may follow.
      return page === 'expired' && status === 'created' ? { moves: ['void'], ask: null, alarm: null } : nothing
  }
}
