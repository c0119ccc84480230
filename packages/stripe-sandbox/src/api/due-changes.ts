// Changes caused by time: refunds settle or fail, authorisations and pages expire. Applied before each request
// and four times a second, so no request sees a change that is due but not made, and webhooks announce it.

import { newId } from '../store/ids.ts'
import type { Call } from './call.ts'
import { endIntent } from './cancel-payment-intent.ts'
import { refundHappened } from './events.ts'
import { endSession } from './expire-checkout-session.ts'

/** Makes all changes that are due. */
export function makeDueChanges(current: Call): void {
  if (!current.store.hasDue(current.now)) return
  // No request caused these changes, even if one found them due.
  const call: Call = { ...current, requestId: null, idempotencyKey: null }
  call.store.transaction(() => takeDueChanges(call))
}

function takeDueChanges(call: Call): void {
  for (const { kind, subject } of call.store.takeDue(call.now)) {
    switch (kind) {
      case 'refund-succeeds':
        settleRefund(call, subject)
        break
      case 'refund-fails':
        failRefund(call, subject)
        break
      case 'authorisation-expires':
        expireAuthorisation(call, subject)
        break
      case 'session-expires':
        expireSession(call, subject)
        break
      default:
        kind satisfies never
    }
  }
}

function settleRefund(call: Call, id: string): void {
  const refund = call.store.refunds.get(id)
  if (refund?.status !== 'pending') return
  refund.status = 'succeeded'
  call.store.refunds.update(refund)
  refundHappened(call, 'refund.updated', refund)
}

function failRefund(call: Call, id: string): void {
  const refund = call.store.refunds.get(id)
  const charge = refund && call.store.charges.get(refund.charge)
  if (!charge || refund.status === 'failed') return
  refund.status = 'failed'
  refund.failureReason = 'expired_or_canceled_card'
  refund.failureBalanceTransaction = newId('txn')
  charge.amountRefunded -= refund.amount
  call.store.refunds.update(refund)
  call.store.charges.update(charge)
  call.store.addToBalance(refund.currency, refund.amount)
  refundHappened(call, 'refund.failed', refund)
}

function expireAuthorisation(call: Call, chargeId: string): void {
  const charge = call.store.charges.get(chargeId)
  const intent = charge && call.store.intents.get(charge.paymentIntent)
  if (intent?.status === 'requires_capture' && intent.latestCharge === chargeId) endIntent(call, intent, 'automatic')
}

function expireSession(call: Call, id: string): void {
  const session = call.store.sessions.get(id)
  if (session?.status === 'open') endSession(call, session)
}
