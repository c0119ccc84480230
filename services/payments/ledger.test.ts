import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Account,
  type Entry,
  feeBack,
  feeOf,
  paybackEntry,
  refundEntry,
  saleEntries,
  undoEntries,
} from './ledger.ts'

const accounts: Account[] = ['buyer', 'seller', 'platform', 'provider']
const sum = (entries: Entry[], account: Account) => entries.reduce((total, entry) => total + entry[account], 0)
const balanced = (entries: Entry[]) =>
  entries.every((entry) => accounts.reduce((total, account) => total + entry[account], 0) === 0)

const price = fc.integer({ min: 50, max: 99_999_999 })
const basisPoints = fc.integer({ min: 0, max: 5_000 })

describe('a sale', () => {
  it('of 45.00 with a fee of 5 % is 42.75 for the seller, 2.25 for the marketplace', () => {
    const payment = { amount: 4500, fee: feeOf(4500, 500) }
    expect(saleEntries(payment)).toEqual([
      { kind: 'sale', buyer: 4500, seller: -4275, platform: -225, provider: 0 },
      { kind: 'capture', buyer: -4500, seller: 0, platform: 0, provider: 4500 },
    ])
  })

  it('has fees rounded down to whole minor units', () => {
    expect([feeOf(99, 500), feeOf(50, 1), feeOf(99_999_999, 5_000), feeOf(4500, 0)]).toEqual([4, 0, 49_999_999, 0])
  })
})

it('whatever is refunded, fails and is refunded again, every row sums to zero and nothing is left over once all is back', () => {
  fc.assert(
    fc.property(
      price,
      basisPoints,
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean())),
      (amount, points, parts) => {
        const payment = { amount, fee: feeOf(amount, points) }
        const entries = saleEntries(payment)
        let back = { given: 0, feeGiven: 0 }
        const give = (part: number, fails: boolean) => {
          if (part === 0) return
          const fee = feeBack(payment, back, part)
          entries.push(refundEntry(part, fee), paybackEntry(part))
          if (fails) entries.push(...undoEntries(part, fee, true))
          else back = { given: back.given + part, feeGiven: back.feeGiven + fee }
        }
        for (const [share, fails] of parts) give(Math.floor((amount - back.given) * share), fails)
        expect(balanced(entries)).toBe(true)
        expect(sum(entries, 'buyer')).toBe(0)
        expect(sum(entries, 'provider')).toBe(amount - back.given)
        expect(back.feeGiven).toBeLessThanOrEqual(payment.fee)
        give(amount - back.given, false)
        for (const account of accounts) expect(sum(entries, account), account).toBe(0)
      },
    ),
  )
})

it('a refund that the provider refuses leaves no trace in what is owed', () => {
  const entries = [refundEntry(1000, 50), ...undoEntries(1000, 50, false)]
  for (const account of accounts) expect(sum(entries, account)).toBe(0)
  expect(balanced(entries)).toBe(true)
})
