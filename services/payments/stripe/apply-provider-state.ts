// Records what was seen at the provider, under the payment's lock, and plans what follows. This is the only way
// from the provider's state to ours.

import type { Tx } from '@aisle/kit/db/database'
import type { Asked } from '@aisle/kit/db/later'
import { Capture, Void } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { movePayment, type PaymentRow, readOrder } from '../queries.ts'
import { planRefund } from '../refunds.ts'
import { judge, type Seen } from './judge.ts'

/** `row` is locked by this transaction. Resolves to the call that it asks for, or null. */
export async function applyProviderState(
  { log, parts: { meters } }: PaymentsService,
  tx: Tx,
  row: PaymentRow,
  seen: Seen,
  now: Date,
): Promise<Asked | null> {
  const verdict = judge(row, await readOrder(tx.sql, row.orderId), seen)
  const stripeId = seen.intent?.id ?? null
  if (verdict.alarm) {
    log.error({ payment: row.id, order: row.orderId, intent: stripeId }, `payment: ${verdict.alarm}`)
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
      return planRefund(tx, current, null, now)
    case 'capture':
      return tx.later(Capture, row.id, { paymentId: row.id })
    case 'void': {
      const own = !seen.stray && current.stripeId === stripeId
      const stray = own || !stripeId ? {} : { intentId: stripeId }
      return tx.later(Void, stray.intentId ?? row.id, { paymentId: row.id, ...stray }, { subject: row.id })
    }
    default:
      return verdict.ask satisfies never
  }
}
