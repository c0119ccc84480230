// GET and POST /c/3ds/:intent: the bank asks whether it is really the cardholder. For intents of the hosted
// page, and for API intents that were confirmed with a return_url.

import type { FastifyInstance } from 'fastify'
import { finishChallenge } from '../api/attempt-payment.ts'
import type { Call } from '../api/call.ts'
import { displayAmount } from '../api/currencies.ts'
import { parseForm } from '../api/form.ts'
import { completeSession, sessionOfIntent } from '../api/pay-checkout-session.ts'
import type { Machine } from '../machine.ts'
import type { Intent, Session } from '../store/records.ts'
import { html } from './html.ts'
import { messagePage, type Page } from './page.ts'
import { endedSession, successUrl } from './pay-page.ts'
import { type PageAnswer, showPage, submitPage } from './submit-page.ts'

type Route = { Params: { intent: string } }

/** Adds the 3-D Secure page. */
export function addThreeDSecurePage(pages: FastifyInstance, machine: Machine): void {
  pages.get<Route>('/c/3ds/:intent', (request, reply) =>
    showPage(machine, reply, (call) => {
      const found = find(call, request.params.intent)
      if (!found) return noChallenge()
      if (found.intent.status !== 'requires_action') return overAlready(found)
      return { status: 200, page: challengePage(call, found) }
    }),
  )

  pages.post<Route>('/c/3ds/:intent', (request, reply) =>
    submitPage(machine, 'page.authenticate', request, reply, (call) => {
      const found = find(call, request.params.intent)
      if (!found) return noChallenge()
      const { intent, session } = found
      // Another tab may have ended this, or started it again with another card.
      if (intent.status !== 'requires_action') return overAlready(found)
      const { result, card } = parseForm(typeof request.body === 'string' ? request.body : '')
      if (result !== 'complete' && result !== 'fail') {
        return { status: 400, page: messagePage('Not understood', 'Go back, and choose Complete or Fail.') }
      }
      if (card !== intent.paymentMethod) return { redirectTo: intent.id }
      finishChallenge(call, intent, result === 'complete')
      call.store.intents.update(intent)
      if (session && isPaid(intent)) completeSession(call, session)
      return overAlready({ intent, session })
    }),
  )
}

interface Challenge {
  intent: Intent
  session: Session | undefined
}

function find(call: Call, id: string): Challenge | undefined {
  const intent = call.store.intents.get(id)
  const session = intent && sessionOfIntent(call.store, id)
  // An API intent without a return_url is for Stripe.js, which has no page.
  return intent && (session || intent.returnUrl !== null) ? { intent, session } : undefined
}

// Where the buyer goes if there is nothing to ask.
function overAlready({ intent, session }: Challenge): PageAnswer {
  if (!session) return { redirectTo: returnAddress(intent) }
  if (session.status === 'complete') return { redirectTo: successUrl(session) }
  if (session.status === 'expired') return endedSession(session)
  return { redirectTo: `../pay/${session.id}` }
}

// Includes what Stripe adds, so that the shop knows which payment came back.
function returnAddress(intent: Intent): string {
  const address = new URL(intent.returnUrl!)
  address.searchParams.set('payment_intent', intent.id)
  address.searchParams.set('payment_intent_client_secret', intent.clientSecret)
  address.searchParams.set('redirect_status', isPaid(intent) ? 'succeeded' : 'failed')
  return address.href
}

function isPaid({ status }: Intent): boolean {
  return status === 'requires_capture' || status === 'succeeded'
}

function challengePage(call: Call, { intent, session }: Challenge): Page {
  const method = call.store.paymentMethods.get(intent.paymentMethod!)
  const amount = displayAmount(intent.amount, intent.currency)
  return {
    title: 'Is it you?',
    leadsTo: [session?.successUrl ?? intent.returnUrl],
    main: html`<main class="narrow">
<h1>Is it you?</h1>
<p>Your bank asks you to confirm ${amount} with the card that ends in ${method?.number.slice(-4) ?? ''}. A real bank would
ask for a code or in its app; here you choose how it ends.</p>
<form class="challenge" method="post">
<input type="hidden" name="card" value="${intent.paymentMethod}">
<button class="button" name="result" value="complete">Complete</button>
<button class="button quiet" name="result" value="fail">Fail</button>
</form>
</main>`,
  }
}

function noChallenge(): PageAnswer {
  return { status: 404, page: messagePage('Page not found', 'No payment waits for 3-D Secure here.') }
}
