// Every route of Stripe's API that the sandbox answers.

import { ok } from './call.ts'
import { cancelPaymentIntent } from './cancel-payment-intent.ts'
import { capturePaymentIntent } from './capture-payment-intent.ts'
import { confirmPaymentIntent } from './confirm-payment-intent.ts'
import { createCheckoutSession } from './create-checkout-session.ts'
import { createPaymentIntent } from './create-payment-intent.ts'
import { createRefund } from './create-refund.ts'
import type { Endpoint } from './endpoint.ts'
import { expireCheckoutSession } from './expire-checkout-session.ts'
import { readParams } from './params.ts'
import { listCharges, retrieveCharge } from './read-charges.ts'
import { listCheckoutSessions, listLineItems, retrieveCheckoutSession } from './read-checkout-sessions.ts'
import { listEvents, retrieveEvent } from './read-events.ts'
import { listPaymentIntents, retrievePaymentIntent, searchPaymentIntents } from './read-payment-intents.ts'
import { listRefunds, retrieveRefund } from './read-refunds.ts'
import { serializeBalance } from './serialize-refund.ts'

const retrieveBalance: Endpoint = {
  method: 'GET',
  path: '/v1/balance',
  name: 'balance.retrieve',
  prepare({ params }) {
    readParams(params, {})
    return (call) => ok(serializeBalance(call))
  },
}

/** The routes, in the order of the README. */
export const endpoints: readonly Endpoint[] = [
  createCheckoutSession,
  listCheckoutSessions,
  retrieveCheckoutSession,
  expireCheckoutSession,
  listLineItems,
  createPaymentIntent,
  listPaymentIntents,
  searchPaymentIntents,
  retrievePaymentIntent,
  confirmPaymentIntent,
  capturePaymentIntent,
  cancelPaymentIntent,
  listCharges,
  retrieveCharge,
  createRefund,
  listRefunds,
  retrieveRefund,
  listEvents,
  retrieveEvent,
  retrieveBalance,
]
