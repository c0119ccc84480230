// The provider's webhook. We check its signature and store its id. The effect comes later, from asking the provider,
// never from the content of the webhook (stripe/follow-webhooks.ts). A webhook that follows from a call of our own is
// mostly no news: then nothing is left to do. Guarded by work_pkey: a repeated event is one row.

import { hearProvider as endpoint } from '@aisle/contracts/api/payments'
import type { Sql } from '@aisle/kit/db/database'
import { refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type Stripe from 'stripe'
import { calls } from '../call.ts'
import type { PaymentsService } from '../context.ts'
import { hearPageDecline } from '../declines.ts'
import { keepOpen, paidOnPage } from '../jobs/keep-window.ts'
import { findPayment } from '../queries.ts'
import { isEvent, isHeard, isNews, subjectOf, Webhook } from '../stripe/webhook.ts'

/** A webhook is often faster than the answer to the call that caused it. It waits for that answer, but no longer. */
const answerWithinMs = 1_000
/** The maximum age of a signature: how long a captured request can be replayed. */
const toleranceSeconds = 300

// No transaction starts before the signature is checked: anyone can call this endpoint.
export const hearProvider = procedure(endpoint, async (request, service: PaymentsService) => {
  const { body, headers, now, origin } = request
  const { db, work, parts, config, log, audit } = service
  const event = verify(body, headers['stripe-signature'])
  if (!event) {
    parts.meters.badSignatures.inc()
    audit.count(request, { action: 'webhook', outcome: 'bad-signature' })
    log.warn('a webhook was refused: its signature is wrong or too old')
    return refuse('bad-signature')
  }
  if (!isEvent(event)) return refuse('invalid', { message: 'is signed, but is not an event' })
  const { id, type } = event
  const { objectId, intentId, paymentId } = subjectOf(event)
  if (type === 'payment_intent.payment_failed') {
    const isNew =
      paymentId !== null && (await db.tx((tx) => hearPageDecline(tx, service, { eventId: id, paymentId, now }), origin))
    parts.meters.events.inc({ type, outcome: isNew ? 'new' : 'ignored' })
    return answer({ received: true as const })
  }
  if (!isHeard(type)) {
    parts.meters.events.inc({ type: 'other', outcome: 'ignored' })
    log.debug({ event: id, type }, 'a webhook of a type that has no effect here')
    return answer({ received: true as const })
  }
  const isKnown = async (sql: Sql) => {
    const payment = await findPayment(sql, { paymentId, intentId })
    return payment !== null && !isNews(type, intentId, payment)
  }
  if (paymentId && work.isHeld(calls, paymentId) && !(await isKnown(db.sql)))
    await work.whileHeld(calls, paymentId, answerWithinMs)
  const isNew = await db.tx(async (tx) => {
    const isDone = await isKnown(tx.sql)
    const data = { type, objectId, intentId, paymentId }
    const stored = await tx.later(Webhook, id, data, { subject: paymentId ?? id, isDone })
    if (stored && !isDone && type === paidOnPage && paymentId) await keepOpen(tx, [paymentId], now)
    return stored !== null
  }, origin)
  parts.meters.events.inc({ type, outcome: isNew ? 'new' : 'repeated' })
  return answer({ received: true as const })

  /** The event if one of our secrets has signed it. There are two secrets during a rotation. */
  function verify(raw: string, signature: string | string[] | undefined): Stripe.Event | null {
    if (typeof signature !== 'string') return null
    for (const secret of config.STRIPE_WEBHOOK_SECRETS.split(',')) {
      try {
        return parts.provider.webhooks.constructEvent(
          raw,
          signature,
          secret.trim(),
          toleranceSeconds,
          undefined,
          now.getTime(),
        )
      } catch {
        // Not this one.
      }
    }
    return null
  }
})
