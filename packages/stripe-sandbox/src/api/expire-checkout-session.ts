// POST /v1/checkout/sessions/:id/expire: the page can no longer be paid. It is refused once the page has been
// paid. The two cannot both happen, because each is one transaction that starts by reading the status.

import type { Session } from '../store/records.ts'
import { type Call, ok } from './call.ts'
import { endIntent } from './cancel-payment-intent.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest } from './errors.ts'
import { sessionHappened } from './events.ts'
import { expandable, readParams } from './params.ts'
import { storedSession } from './read-checkout-sessions.ts'
import { serializeSession } from './serialize-session.ts'

const fields = { expand: expandable('line_items', 'payment_intent', 'payment_intent.latest_charge') }

/** Expires a Checkout Session. */
export const expireCheckoutSession: Endpoint = {
  method: 'POST',
  path: '/v1/checkout/sessions/:id/expire',
  name: 'checkout.sessions.expire',
  prepare({ params, id }) {
    const values = readParams(params, fields)

    return (call) => {
      const session = storedSession(call, id)
      if (session.status !== 'open') {
        throw invalidRequest(
          `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
        )
      }
      endSession(call, session)
      return ok(serializeSession(call, session, values.expand))
    }
  },
}

/** Ends an open session, together with an intent that waits for 3-D Secure or another card. */
export function endSession(call: Call, session: Session): void {
  session.status = 'expired'
  call.store.sessions.update(session)
  call.store.unplan(session.id)
  const intent = session.paymentIntent === null ? undefined : call.store.intents.get(session.paymentIntent)
  if (intent) endIntent(call, intent, 'expired')
  sessionHappened(call, 'checkout.session.expired', session)
}
