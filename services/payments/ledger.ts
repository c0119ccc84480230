// A double-entry, append-only ledger. A sale has four kinds of rows: what is owed for it (sale), the buyer's money
// (capture), what is owed back (refund), the buyer's money going back (payback). Each is one row that sums to zero
// (ledger_balanced). Rows are never changed, only reversed by another row.
//
//              buyer   seller          platform   provider
//   sale       +price  -(price - fee)  -fee                    the buyer owes; the seller and we are owed
//   capture    -price                             +price       the provider holds the money
//   refund     -x      +(x - y)        +y                      we owe the buyer, the seller owes; y is the fee's share
//   payback    +x                                 -x           the provider has paid it back
//
// So for one order: buyer 0 means settled, -seller is what we owe the seller, -platform is what we keep, and provider
// is what the provider holds.

import type { Tx } from '@aisle/kit/db/database'

export type Account = 'buyer' | 'seller' | 'platform' | 'provider'
export type LedgerKind = 'sale' | 'capture' | 'refund' | 'payback' | 'payback-failed' | 'refund-undone'
export type Entry = { kind: LedgerKind } & Record<Account, number>

/** The marketplace's share of a price, in minor units, rounded down. `basisPoints` are hundredths of a percent. */
export const feeOf = (priceMinor: number, basisPoints: number): number =>
  Math.floor((priceMinor * basisPoints) / 10_000)

/**
 * The part of the fee that goes back with a refund of `amount`, after `given` of the price and `feeGiven` of
 * the fee went back before. It is proportional, rounded down, and exact once the whole price is refunded.
 */
export function feeBack(
  payment: { amount: number; fee: number },
  { given, feeGiven }: { given: number; feeGiven: number },
  amount: number,
): number {
  return Math.max(0, Math.floor((payment.fee * (given + amount)) / payment.amount) - feeGiven)
}

/** The rows of a captured sale. */
export const saleEntries = ({ amount, fee }: { amount: number; fee: number }): Entry[] => [
  { kind: 'sale', buyer: amount, seller: fee - amount, platform: fee === 0 ? 0 : -fee, provider: 0 },
  { kind: 'capture', buyer: -amount, seller: 0, platform: 0, provider: amount },
]

/** The row of a refund that was decided; `fee` is the part of the fee that goes back. */
export const refundEntry = (amount: number, fee: number): Entry => ({
  kind: 'refund',
  buyer: -amount,
  seller: amount - fee,
  platform: fee,
  provider: 0,
})

/** The row of a refund that has reached the buyer. */
export const paybackEntry = (amount: number): Entry => ({
  kind: 'payback',
  buyer: amount,
  seller: 0,
  platform: 0,
  provider: -amount,
})

const negated = ({ buyer, seller, platform, provider }: Entry) => ({
  // Not -0, which a comparison would distinguish from 0.
  buyer: 0 - buyer,
  seller: 0 - seller,
  platform: 0 - platform,
  provider: 0 - provider,
})

/** The rows that undo a refund: what is owed, and the returned money if it had left. */
export const undoEntries = (amount: number, fee: number, paidBack: boolean): Entry[] => [
  ...(paidBack ? [{ kind: 'payback-failed' as const, ...negated(paybackEntry(amount)) }] : []),
  { kind: 'refund-undone', ...negated(refundEntry(amount, fee)) },
]

type Subject = { id: string; orderId: string; currency: string }

/** Writes ledger rows about a payment, in the transaction of the fact. */
export function book(tx: Tx, entries: readonly Entry[], payment: Subject, refundId: string | null, now: Date): void {
  const column = (name: Account) => entries.map((entry) => entry[name])
  tx.send(tx.sql`
    insert into ledger (id, kind, order_id, payment_id, refund_id, seller_id, currency, buyer, seller, platform,
      provider, booked_at)
    select uuidv7(), e.kind, ${payment.orderId}, ${payment.id}, ${refundId}, o.seller_id, ${payment.currency}, e.buyer,
      e.seller, e.platform, e.provider, ${now}
    from orders o, unnest(${entries.map(({ kind }) => kind)}::text[], ${column('buyer')}::int[],
      ${column('seller')}::int[], ${column('platform')}::int[], ${column('provider')}::int[])
      with ordinality e (kind, buyer, seller, platform, provider, nr)
    where o.id = ${payment.orderId} order by e.nr`)
}
