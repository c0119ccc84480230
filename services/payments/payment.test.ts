import type { PaymentStatus } from '@aisle/contracts/entities'
import { describe, expect, it } from 'vitest'
import { next, refundable } from './payment.ts'
import { actions } from './states.ts'

type Row = Record<PaymentStatus, PaymentStatus | null>
const none: Row = {
  created: null,
  authorized: null,
  captured: null,
  refunded: null,
  declined: null,
  voided: null,
  'capture-failed': null,
}

/** The result of each action in each status; null means no change. */
const table: Record<keyof typeof actions, Row> = {
  authorize: { ...none, created: 'authorized' },
  decline: { ...none, created: 'declined' },
  'decline for the last time': { ...none, created: 'declined' },
  capture: { ...none, authorized: 'captured' },
  'fail the capture': { ...none, authorized: 'capture-failed' },
  void: { ...none, created: 'voided', authorized: 'voided' },
  'refund a part': { ...none, captured: 'captured' },
  'refund the whole': { ...none, captured: 'refunded' },
  'fail a refund': { ...none, captured: 'captured', refunded: 'captured' },
}

describe.each(Object.keys(none) as PaymentStatus[])('a payment that is %s', (status) => {
  it.each(Object.keys(actions) as (keyof typeof actions)[])('%s', (name) => {
    expect(next(status, actions[name])).toBe(table[name][status])
  })

  it('can give back what is captured and not given back yet, nothing else', () => {
    expect(refundable({ status, amount: 4500 }, 1500)).toBe(status === 'captured' ? 3000 : 0)
    expect(refundable({ status, amount: 4500 }, 4500)).toBe(0)
  })
})
