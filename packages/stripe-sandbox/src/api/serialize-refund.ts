// Refunds and the balance in Stripe's format. The return types are the SDK's.

import type Stripe from 'stripe'
import type { Refund } from '../store/records.ts'
import type { Call } from './call.ts'
import { serializeCharge } from './serialize-charge.ts'
import { serializeIntent } from './serialize-intent.ts'

/** What may be embedded in a refund in place of an id. */
export type RefundExpansion = 'charge' | 'payment_intent'

const nothing: ReadonlySet<RefundExpansion> = new Set()

/** A refund, with the expansions of `expand[]`. */
export function serializeRefund(
  call: Call,
  refund: Refund,
  expand: ReadonlySet<RefundExpansion> = nothing,
): Stripe.Refund {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: refund.balanceTransaction,
    charge: expand.has('charge')
      ? serializeCharge(call.store, stored(call.store.charges, refund.charge))
      : refund.charge,
    created: refund.created,
    currency: refund.currency,
    customer: null,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    ...(refund.failureBalanceTransaction === null
      ? {}
      : { failure_balance_transaction: refund.failureBalanceTransaction }),
    ...(refund.failureReason === null ? {} : { failure_reason: refund.failureReason }),
    metadata: refund.metadata,
    payment_intent: expand.has('payment_intent')
      ? serializeIntent(call, stored(call.store.intents, refund.paymentIntent))
      : refund.paymentIntent,
    payment_method: null,
    ...(refund.status === 'pending' ? { pending_reason: 'processing' } : {}),
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  }
}

/** The account's money. All of it stays pending: the sandbox makes no payouts. */
export function serializeBalance(call: Call): Stripe.Balance {
  const balances = call.store.balances()
  const amounts = balances.length > 0 ? balances : [{ currency: 'usd', pending: 0 }]
  return {
    object: 'balance',
    available: amounts.map(({ currency }) => ({ amount: 0, currency, source_types: { card: 0 } })),
    livemode: false,
    pending: amounts.map(({ currency, pending }) => ({ amount: pending, currency, source_types: { card: pending } })),
  }
}

function stored<Row>(table: { get(id: string): Row | undefined }, id: string): Row {
  const row = table.get(id)
  if (!row) throw new Error(`${id} is named but not stored.`)
  return row
}
