import type { CancelReason } from '@aisle/contracts/entities'
import { describe, expect, it } from 'vitest'
import { type Decision, decide, isUnpaid, type OrderAction, type OrderFacts } from './order.ts'
import { actions, exampleOrder, statuses } from './states.ts'

type Status = OrderFacts['status']

const nothing: Decision = { move: null }
const tooLate: Decision = { move: null, refuse: 'order-not-cancellable' }
const extended: Decision = { move: null, extendTo: new Date('2026-05-01T12:16:00Z') }
const shortened: Decision = { move: null, extendTo: new Date('2026-05-01T12:10:00Z') }
const early: Decision = { move: null, early: true }
const cancelled = (reason: CancelReason): Decision => ({
  move: 'cancelled',
  reason,
})

/** What each action does in each state. The type requires every cell. */
const table: Record<keyof typeof actions, Record<Status, Decision>> = {
  hold: row({ created: { move: 'awaiting:payment' } }),
  'refuse the hold': row({ created: cancelled('price-changed'), 'awaiting:payment': cancelled('price-changed') }),
  expire: row({ created: cancelled('expired'), 'awaiting:payment': cancelled('expired') }),
  'expire by an older window': row({}),
  extend: row({ created: extended, 'awaiting:payment': extended }),
  'extend to an earlier end': row({}),
  'reset the window': row({ created: shortened, 'awaiting:payment': shortened }),
  'ban the buyer': row({ created: cancelled('buyer-banned'), 'awaiting:payment': cancelled('buyer-banned') }),
  'ban the seller': row({ created: cancelled('seller-banned'), 'awaiting:payment': cancelled('seller-banned') }),
  cancel: {
    created: cancelled('buyer'),
    'awaiting:payment': cancelled('buyer'),
    paying: tooLate,
    complete: tooLate,
    refunded: tooLate,
    cancelled: nothing,
  },
  'cancel as an admin': {
    created: cancelled('admin'),
    'awaiting:payment': cancelled('admin'),
    paying: tooLate,
    complete: tooLate,
    refunded: tooLate,
    cancelled: nothing,
  },
  authorize: row({ 'awaiting:payment': { move: 'paying', paymentId: 'own' } }),
  'authorize after the event has begun': row({ 'awaiting:payment': cancelled('event-begun') }),
  'authorize another amount': row({}),
  'authorize another currency': row({}),
  capture: row({ paying: { move: 'complete' } }),
  'capture another payment': row({}),
  'fail the payment': row({ 'awaiting:payment': cancelled('payment-failed'), paying: cancelled('payment-failed') }),
  'fail another payment': row({ 'awaiting:payment': cancelled('payment-failed') }),
  refund: row({ paying: early, complete: { move: 'refunded' } }),
  'refund another payment': row({}),
  'fail the refund': row({ refunded: { move: 'complete' } }),
  'fail the refund of another payment': row({}),
}

function row(moves: Partial<Record<Status, Decision>>): Record<Status, Decision> {
  return Object.fromEntries(statuses.map((status) => [status, moves[status] ?? nothing])) as Record<Status, Decision>
}

describe.each(statuses)('an order that is %s', (status) => {
  it.each(Object.keys(actions) as (keyof typeof actions)[])('%s', (name) => {
    expect(decide(exampleOrder(status), actions[name])).toEqual(table[name][status])
  })
})

it('the table knows every action', () => {
  // The type requires each action: a new one does not compile until it is here, and fails until it is in the
  // table.
  const types: Record<OrderAction['type'], true> = {
    hold: true,
    'refuse-hold': true,
    expire: true,
    extend: true,
    'reset-window': true,
    ban: true,
    cancel: true,
    authorize: true,
    capture: true,
    'fail-payment': true,
    refund: true,
    'fail-refund': true,
  }
  expect(new Set(Object.values(actions).map(({ type }) => type))).toEqual(new Set(Object.keys(types)))
})

it('a cancelled order never moves again, a refunded one only back, and R6 one that is paid is never cancelled by its buyer', () => {
  for (const name of Object.keys(actions) as (keyof typeof actions)[]) {
    expect(table[name].cancelled.move).toBeNull()
    expect(table[name].refunded.move ?? 'complete').toBe('complete')
  }
  expect(statuses.filter(isUnpaid)).toEqual(['created', 'awaiting:payment'])
})

describe('an order whose event begins at 12:15:30, of which the window ends at 12:15', () => {
  const event = { startsAt: '2026-05-01T12:15:30Z' }
  const time = (clock: string) => new Date(`2026-05-01T${clock}Z`)
  const order: OrderFacts = {
    status: 'awaiting:payment',
    price: 4500,
    currency: 'eur',
    paymentId: null,
    expiresAt: time('12:15:00'),
    event,
  }
  const begun: Decision = { move: 'cancelled', reason: 'event-begun' }
  const authorized = (clock: string) =>
    decide(order, { type: 'authorize', paymentId: 'own', amount: 4500, currency: 'eur', at: time(clock) })

  it('is paid until it begins, and then never: what was authorised is let go', () => {
    expect(authorized('12:15:29.999')).toEqual({ move: 'paying', paymentId: 'own' })
    expect([authorized('12:15:30'), authorized('13:00:00')]).toEqual([begun, begun])
  })

  it('is kept open for its buyer until it begins, and no longer', () => {
    const longer = (clock: string) => decide(order, { type: 'extend', until: time(clock) })
    expect(longer('12:15:20')).toEqual({ move: null, extendTo: time('12:15:20') })
    expect(longer('12:16:00')).toEqual({ move: null, extendTo: time('12:15:30') })
    expect(decide({ ...order, expiresAt: time('12:15:30') }, { type: 'extend', until: time('12:16:00') })).toEqual(
      nothing,
    )
    const reset = decide(order, { type: 'reset-window', until: time('12:20:00') })
    expect(reset).toEqual({ move: null, extendTo: time('12:15:30') })
  })

  it('ends as one whose event has begun, if the window ended because of that', () => {
    const late = { ...order, expiresAt: time('12:15:30') }
    expect(decide(late, { type: 'expire', at: time('12:15:30') })).toEqual(begun)
    expect(decide(order, { type: 'expire', at: time('12:15:00') })).toEqual(cancelled('expired'))
  })

  it("that is accepted goes on when it begins: the money is taken and the ticket is the buyer's", () => {
    const paying: OrderFacts = { ...order, status: 'paying', paymentId: 'own' }
    expect(decide(paying, { type: 'capture', paymentId: 'own' })).toEqual({ move: 'complete' })
  })
})
