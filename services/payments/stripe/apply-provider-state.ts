// Records what was seen at the provider, under the payment's lock, and plans what follows. This is the only way
// from the provider's state to ours.

import type { Tx } from '@aisle/kit/db/database'
import type { CallContext, ProviderCall } from '../call.ts'
import { movePayment, type PaymentRow, readOrder } from '../queries.ts'
import { planRefund } from '../refunds.ts'
import { judge, type Seen } from './judge.ts'

/** `row` is locked by this transaction. Resolves to the planned call: perform it after the commit. */
export async function applyProviderState(
  { service, meters, plan }: CallContext,
  tx: Tx,
  row: PaymentRow,
  seen: Seen,
  now: Date,
): Promise<ProviderCall | null> {
  const verdict = judge(row, await readOrder(tx.sql, row.orderId), seen)
  const stripeId = seen.intent?.id ?? null
  if (verdict.alarm) {
    service.log.error({ payment: row.id, order: row.orderId, intent: stripeId }, `payment: ${verdict.alarm}`)
    tx.afterCommit(() => meters.disagreements.inc())
  }
  if (verdict.moves.includes('authorize'))
    tx.afterCommit(() => meters.cards.inc({ method: row.method, outcome: 'authorized' }))
  let current = row
  for (const type of verdict.moves)
    current = movePayment(tx, current, { type }, { stripeId: current.stripeId ?? stripeId }, now) ?? current
  switch (verdict.ask) {
    case null:
      return null
    case 'refund':
      return planRefund(plan, tx, current, null, now)
    case 'capture':
      return plan(tx, { op: 'capture', paymentId: row.id, params: {} }, now)
    case 'void': {
      const own = !seen.stray && current.stripeId === stripeId
      return plan(tx, { op: 'void', paymentId: row.id, params: own || !stripeId ? {} : { intentId: stripeId } }, now)
    }
    default:
      return verdict.ask satisfies never
  }
}
