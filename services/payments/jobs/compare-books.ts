// Compares our ledger with the provider's records and reports each difference in one sentence. Payments that
// differ are reconciled (reconcile.ts) and compared once more, so only differences that cannot heal on their
// own are left.

import type { PaymentStatus } from '@aisle/contracts/entities'
import type Stripe from 'stripe'
import type { PaymentsService } from '../context.ts'
import { reconcile } from '../stripe/reconcile.ts'

export type Difference = { paymentId: string | null; what: string }
export type Comparison = { compared: number; differences: Difference[] }

const paymentDays = 3
/** A refund may still fail a month after it was made. */
const refundDays = 30
/** A very recent change may not have reached the other side yet. */
const restlessMs = 2 * 60 * 1000

export type OurPayment = {
  id: string
  status: PaymentStatus
  amount: number
  amountRefunded: number
  currency: string
  stripeId: string | null
  /** The ledger's balance for the provider's account. */
  atProvider: number
}
export type OurRefund = { paymentId: string; stripeId: string | null; status: string; amount: number }
export type TheirBooks = {
  intents: Pick<Stripe.PaymentIntent, 'id' | 'status' | 'amount' | 'amount_received' | 'currency' | 'metadata'>[]
  refunds: Pick<Stripe.Refund, 'id' | 'status' | 'amount' | 'metadata'>[]
  openPages: Pick<Stripe.Checkout.Session, 'id' | 'metadata'>[]
}

/** The allowed states of a payment's intent, by our status. `null` in the list means that the intent may be missing. */
const allowed: Record<PaymentStatus, readonly (string | null)[]> = {
  created: [null, 'requires_payment_method', 'requires_confirmation', 'requires_action', 'processing'],
  declined: [null, 'requires_payment_method', 'requires_action', 'canceled'],
  authorized: ['requires_capture'],
  captured: ['succeeded'],
  refunded: ['succeeded'],
  voided: [null, 'canceled', 'requires_payment_method'],
  'capture-failed': ['canceled'],
}

/** Compares both sides. Pure. */
export function differencesOf(
  payments: readonly OurPayment[],
  refunds: readonly OurRefund[],
  theirs: TheirBooks,
): Difference[] {
  const found: Difference[] = []
  const ours = new Map(payments.map((payment) => [payment.id, payment]))
  const intentsOf = Map.groupBy(theirs.intents, ({ metadata }) => metadata.payment_id)
  for (const payment of payments) {
    const say = (what: string) => found.push({ paymentId: payment.id, what })
    const intents = intentsOf.get(payment.id) ?? []
    const own =
      intents.find(({ id }) => id === payment.stripeId) ?? (payment.stripeId === null ? intents[0] : undefined)
    if (!allowed[payment.status].includes(own?.status ?? null))
      say(`is ${payment.status} with us and ${own?.status ?? 'not there'} at the provider`)
    if (own && (own.amount !== payment.amount || own.currency !== payment.currency))
      say(`is ${payment.amount} ${payment.currency} with us and ${own.amount} ${own.currency} at the provider`)
    const received = payment.status === 'captured' || payment.status === 'refunded' ? payment.amount : 0
    if (own && own.amount_received !== received)
      say(`has brought ${received} with us and ${own.amount_received} at the provider`)
    if (payment.atProvider !== received - payment.amountRefunded)
      say(`leaves ${received - payment.amountRefunded} with the provider, the ledger says ${payment.atProvider}`)
    for (const { id, status } of intents)
      if (id !== own?.id && (status === 'requires_capture' || status === 'succeeded'))
        say(`has a second intent ${id}, ${status}`)
  }
  for (const { id, metadata } of theirs.openPages) {
    const payment = ours.get(metadata?.payment_id ?? '')
    if (payment && payment.status !== 'created')
      found.push({ paymentId: payment.id, what: `has its page ${id} still open` })
  }
  for (const { id, metadata, status, amount } of theirs.intents)
    if (metadata.payment_id && !ours.has(metadata.payment_id))
      found.push({
        paymentId: null,
        what: `the provider has ${id}, ${status}, ${amount}, of the payment ${metadata.payment_id} that is not here`,
      })

  const theirRefunds = new Map(theirs.refunds.map((refund) => [refund.id, refund]))
  for (const { paymentId, stripeId, status, amount } of refunds) {
    const their = stripeId === null ? undefined : theirRefunds.get(stripeId)
    theirRefunds.delete(stripeId ?? '')
    const theirStatus = their?.status === 'canceled' ? 'failed' : their?.status
    if (status === 'failed' ? their && theirStatus !== 'failed' : theirStatus !== status)
      found.push({
        paymentId,
        what: `has a refund of ${amount} that is ${status} with us and ${their?.status ?? 'not there'} at the provider`,
      })
  }
  for (const { id, status, amount, metadata } of theirRefunds.values())
    if (ours.has(metadata?.payment_id ?? '') && status !== 'failed' && status !== 'canceled')
      found.push({
        paymentId: metadata?.payment_id ?? null,
        what: `has a refund ${id} of ${amount} at the provider that we do not have`,
      })
  return found
}

/** Compares the ledger with the provider, reconciles what differs, and returns what is left. */
export async function compareBooks(service: PaymentsService): Promise<Comparison> {
  const first = await compareOnce(service)
  const toHeal = new Set(first.differences.map(({ paymentId }) => paymentId).filter((id) => id !== null))
  if (toHeal.size === 0) return first
  for (const id of toHeal) {
    const reconciled = await reconcile(service, id)
    if (!(reconciled instanceof Error)) await reconciled?.attempted
  }
  return compareOnce(service)
}

async function compareOnce({ db, clock, parts }: PaymentsService): Promise<Comparison> {
  const { sql } = db
  const { provider } = parts
  const now = clock.now().getTime()
  const since = (days: number) => new Date(now - days * 24 * 60 * 60 * 1000)
  const gte = (days: number) => ({ gte: Math.floor(since(days).getTime() / 1000) })
  const quiet = new Date(now - restlessMs)
  // Read theirs before ours: changes between the two reads are too recent, so they are left out.
  const theirs: TheirBooks = {
    intents: await all(provider.paymentIntents.list({ created: gte(paymentDays), limit: 100 })),
    refunds: await all(provider.refunds.list({ created: gte(refundDays), limit: 100 })),
    openPages: await all(provider.checkout.sessions.list({ status: 'open', created: gte(paymentDays), limit: 100 })),
  }
  // One day more than the provider was asked for, so everything it returned is found here.
  const payments = await sql<(OurPayment & { createdAt: Date; updatedAt: Date })[]>`
    select p.id, p.status, p.amount, p.amount_refunded, p.currency, p.stripe_id, p.created_at,
      greatest(p.updated_at, (select max(updated_at) from refunds r where r.payment_id = p.id)) as updated_at,
      coalesce((select sum(provider) from ledger l where l.payment_id = p.id), 0)::int as at_provider
    from payments p where p.created_at >= ${since(paymentDays + 1)}`
  const refunds = await sql<OurRefund[]>`
    select payment_id, stripe_id, status, amount from refunds where created_at >= ${since(refundDays)}
      and updated_at < ${quiet}`
  const restless = new Set(payments.filter(({ updatedAt }) => updatedAt >= quiet).map(({ id }) => id))
  const inTime = (id: string | undefined) => id !== undefined && !restless.has(id)
  const known = new Map(payments.map((payment) => [payment.id, payment]))
  const differences = differencesOf(
    payments.filter(({ id, createdAt }) => inTime(id) && createdAt >= since(paymentDays)),
    refunds.filter(({ paymentId }) => inTime(paymentId)),
    {
      intents: theirs.intents.filter(({ metadata }) => {
        const ours = known.get(metadata.payment_id ?? '')
        return ours ? inTime(ours.id) && ours.createdAt >= since(paymentDays) : true
      }),
      refunds: theirs.refunds.filter(({ metadata }) => inTime(metadata?.payment_id)),
      openPages: theirs.openPages,
    },
  )
  return { compared: payments.length + refunds.length, differences }
}

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of list) found.push(one)
  return found
}
