import type { PaymentState } from '@aisle/contracts/messages/payments'
import { describe, expect, it } from 'vitest'
import {
  type KnownOrder,
  type Notice,
  whenCompleted,
  whenEnded,
  whenRefunded,
  whenRefundFailed,
  whenReserved,
} from './rules.ts'

const order: KnownOrder = {
  id: 'order',
  buyerId: 'buyer',
  sellerId: 'seller',
  status: 'complete',
  reason: null,
  number: 'K7MP-42XW',
  ticket: { id: 'ticket', title: 'Two seats', price: 4500, currency: 'eur' },
  pageOpened: false,
}
const payment = { id: 'payment', version: 4, amountRefunded: 1500, currency: 'eur' } as PaymentState

const toldTo = (notices: readonly Notice[]) => notices.map(({ kind, userId }) => `${kind} ${userId}`)

describe('who is told what', () => {
  it.each([
    ['reserved', whenReserved(order, '2099-01-01T00:00:00Z'), ['reserved buyer']],
    ['completed', whenCompleted(order), ['bought buyer', 'sold seller']],
    ['refunded', whenRefunded(order, payment), ['money-back buyer', 'sale-refunded seller']],
    ['refund failed', whenRefundFailed(order, payment), ['money-back-failed buyer', 'sale-restored seller']],
  ])('%s', (_, notices, told) => {
    expect(toldTo(notices)).toEqual(told)
  })

  it.each([
    ['buyer', true, []],
    ['expired', false, []],
    ['expired', true, ['expired buyer']],
    ['ticket-unavailable', false, ['order-ended buyer']],
    ['payment-failed', true, ['order-ended buyer']],
    [null, false, ['order-ended buyer']],
  ])('cancelled because of %s, with a page: %s', (reason, pageOpened, told) => {
    expect(toldTo(whenEnded({ ...order, status: 'cancelled', reason, pageOpened }))).toEqual(told)
  })

  it('an order that has not ended has no end', () => {
    expect(whenEnded({ ...order, status: 'awaiting:payment', pageOpened: true })).toEqual([])
  })
})

describe('a fact', () => {
  it('of an order is the order: it is bought once, even if a refund fails later', () => {
    expect(whenCompleted(order).map(({ fact }) => fact)).toEqual(['order', 'order'])
  })

  it('of a refund is the payment as it is then: each refund is news', () => {
    const next = { ...payment, version: 6 } as PaymentState
    expect(whenRefunded(order, payment)[0]?.fact).not.toBe(whenRefunded(order, next)[0]?.fact)
  })
})
