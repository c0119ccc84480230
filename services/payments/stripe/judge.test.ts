import type { OrderStatus, PaymentStatus } from '@aisle/contracts/entities'
import { describe, expect, it } from 'vitest'
import { exampleIntent as intent, examplePayment as payment, statuses } from '../states.ts'
import { judge, type OrderKnown, type Seen, type Verdict } from './judge.ts'

const intentStatuses = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
] as const

const order = (status: OrderStatus, paymentId: string | null = null): OrderKnown => ({ status, paymentId })
const verdictOf = (status: PaymentStatus, known: OrderKnown | null, seen: Partial<Seen>): string => {
  const { moves, ask, alarm } = judge(payment(status), known, { page: null, intent: null, ...seen })
  return [...moves, ask && `ask:${ask}`, alarm && 'alarm'].filter(Boolean).join(' ') || '-'
}

describe('while the order waits to be paid', () => {
  /** The result for each of our statuses combined with each of the provider's. */
  const table: Record<PaymentStatus, Record<(typeof intentStatuses)[number], string>> = {
    created: row({ requires_capture: 'authorize', succeeded: 'authorize', canceled: 'void' }),
    authorized: row({ succeeded: 'capture', canceled: 'void' }),
    captured: row({ requires_capture: 'alarm', canceled: 'alarm' }),
    refunded: row({ requires_capture: 'alarm', canceled: 'alarm' }),
    declined: row({ requires_capture: 'ask:void', succeeded: 'alarm', canceled: 'void' }),
    voided: row({ requires_capture: 'ask:void', succeeded: 'alarm', canceled: 'void' }),
    'capture-failed': row({ requires_capture: 'ask:void', succeeded: 'alarm', canceled: 'void' }),
  }
  function row(cells: Partial<Record<(typeof intentStatuses)[number], string>>) {
    return Object.fromEntries(intentStatuses.map((status) => [status, cells[status] ?? '-'])) as Record<
      (typeof intentStatuses)[number],
      string
    >
  }

  it.each(statuses.flatMap((ours) => intentStatuses.map((theirs) => [ours, theirs] as const)))(
    'ours %s, theirs %s',
    (ours, theirs) => {
      expect(verdictOf(ours, order('awaiting:payment'), { intent: intent(theirs) })).toBe(table[ours][theirs])
    },
  )
})

describe('an authorisation', () => {
  it('is captured once the order has accepted it', () => {
    expect(verdictOf('authorized', order('paying', 'own'), { intent: intent('requires_capture') })).toBe('ask:capture')
  })

  it.each([order('cancelled'), order('paying', 'other'), order('complete', 'other')])(
    'is let go when the order is lost: %o',
    (lost) => {
      expect(verdictOf('created', lost, { intent: intent('requires_capture') })).toBe('authorize ask:void')
      expect(verdictOf('authorized', lost, { intent: intent('requires_capture') })).toBe('ask:void')
    },
  )

  it.each([
    ['amount', { amount: 4499 }],
    ['currency', { currency: 'usd' }],
  ])('of another %s than the order is never announced, and let go', (_, wrong) => {
    for (const status of statuses)
      expect(verdictOf(status, order('awaiting:payment'), { intent: intent('requires_capture', wrong) })).toBe(
        'ask:void alarm',
      )
  })

  it('beside the payment’s own is let go', () => {
    for (const status of statuses.filter((status) => status !== 'created'))
      expect(
        verdictOf(status, order('complete', 'own'), { intent: intent('requires_capture', { id: 'pi_other' }) }),
      ).toBe('ask:void alarm')
  })

  it('beside an open page is let go', () => {
    const stray = { intent: intent('requires_capture'), stray: true }
    expect(verdictOf('created', order('awaiting:payment'), stray)).toBe('ask:void alarm')
  })

  it('that is gone although the order has accepted it fails the order', () => {
    expect(verdictOf('authorized', order('paying', 'own'), { intent: intent('canceled') })).toBe('fail-capture')
  })
})

it('money that was taken for an order that is lost goes back', () => {
  expect(verdictOf('authorized', order('cancelled'), { intent: intent('succeeded') })).toBe('capture ask:refund alarm')
  expect(verdictOf('created', order('cancelled'), { intent: intent('succeeded') })).toBe(
    'authorize capture ask:refund alarm',
  )
})

describe('a page', () => {
  it('that is open says nothing yet, also after a declined card', () => {
    for (const status of [null, 'requires_payment_method', 'requires_action'])
      expect(verdictOf('created', order('cancelled'), { page: 'open', intent: status ? intent(status) : null })).toBe(
        '-',
      )
  })

  it('that has ended without a payment ends the attempt', () => {
    expect(verdictOf('created', order('awaiting:payment'), { page: 'expired' })).toBe('void')
    const declined = { page: 'expired' as const, intent: intent('requires_payment_method') }
    expect(verdictOf('created', order('awaiting:payment'), declined)).toBe('void')
  })

  it('that was paid on is an authorisation', () => {
    const paid = { page: 'complete' as const, intent: intent('requires_capture') }
    expect(verdictOf('created', order('awaiting:payment'), paid)).toBe('authorize')
  })
})

it('an order that has not arrived is not lost', () => {
  expect(verdictOf('created', null, { intent: intent('requires_capture') })).toBe('authorize')
  expect(judge(payment('created'), null, { page: null, intent: null })).toEqual<Verdict>({
    moves: [],
    ask: null,
    alarm: null,
  })
})
