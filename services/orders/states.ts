// Every action on an order in every status: what docs/states.md draws and order.test.ts goes through.

import { OrderStatus } from '@aisle/contracts/entities'
import { decide, type OrderAction, type OrderFacts } from './order.ts'

/** An example of each action, and of the ways in which it can be late or wrong. */
export const actions = {
  hold: { type: 'hold' },
  'refuse the hold': { type: 'refuse-hold', reason: 'price-changed' },
  expire: { type: 'expire', at: new Date('2026-05-01T12:15:00Z') },
  'expire by an older window': { type: 'expire', at: new Date('2026-05-01T12:14:59Z') },
  extend: { type: 'extend', until: new Date('2026-05-01T12:16:00Z') },
  'extend to an earlier end': { type: 'extend', until: new Date('2026-05-01T12:15:00Z') },
  'reset the window': { type: 'reset-window', until: new Date('2026-05-01T12:10:00Z') },
  'ban the buyer': { type: 'ban', whose: 'buyer' },
  'ban the seller': { type: 'ban', whose: 'seller' },
  cancel: { type: 'cancel', by: 'buyer' },
  'cancel as an admin': { type: 'cancel', by: 'admin' },
  authorize: authorize('2026-05-01T12:05:00Z'),
  'authorize after the event has begun': authorize('2026-05-01T12:30:00Z'),
  'authorize another amount': { ...authorize('2026-05-01T12:05:00Z'), amount: 4499 },
  'authorize another currency': { ...authorize('2026-05-01T12:05:00Z'), currency: 'usd' },
  capture: { type: 'capture', paymentId: 'own' },
  'capture another payment': { type: 'capture', paymentId: 'other' },
  'fail the payment': { type: 'fail-payment', paymentId: 'own' },
  'fail another payment': { type: 'fail-payment', paymentId: 'other' },
  refund: { type: 'refund', paymentId: 'own' },
  'refund another payment': { type: 'refund', paymentId: 'other' },
  'fail the refund': { type: 'fail-refund', paymentId: 'own' },
  'fail the refund of another payment': { type: 'fail-refund', paymentId: 'other' },
} satisfies Record<string, OrderAction>

function authorize(at: string) {
  return { type: 'authorize', paymentId: 'own', amount: 4500, currency: 'eur', at: new Date(at) } as const
}

export const statuses = OrderStatus.enum

/** An order in this status, with the payment that it has accepted by then. */
export const exampleOrder = (status: OrderFacts['status']): OrderFacts => ({
  status,
  price: 4500,
  currency: 'eur',
  paymentId: status === 'paying' || status === 'complete' || status === 'refunded' ? 'own' : null,
  expiresAt: new Date('2026-05-01T12:15:00Z'),
  event: { startsAt: '2026-05-01T12:30:00Z' },
})

/** Which action moves an order from which status to which, as `decide` decides. */
export const orderMoves = statuses.flatMap((from) =>
  Object.entries(actions).flatMap(([by, action]) => {
    const { move } = decide(exampleOrder(from), action)
    return move === null ? [] : [{ from, to: move, by }]
  }),
)
