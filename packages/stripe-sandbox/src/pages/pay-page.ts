// GET and POST /c/pay/:session: the hosted page. GET changes nothing, so it can be opened, reloaded and
// prefetched.

import type { FastifyInstance } from 'fastify'
import type { Call } from '../api/call.ts'
import { paySession } from '../api/pay-checkout-session.ts'
import type { Machine } from '../machine.ts'
import type { Session } from '../store/records.ts'
import { messagePage } from './page.ts'
import { checkTyped, emptyPayment, payPage, readTyped } from './pay-form.ts'
import { type PageAnswer, showPage, submitPage } from './submit-page.ts'

type Route = { Params: { session: string } }

/** Adds the hosted page. */
export function addPayPage(pages: FastifyInstance, machine: Machine): void {
  pages.get<Route>('/c/pay/:session', (request, reply) =>
    showPage(machine, reply, (call) => {
      const session = call.store.sessions.get(request.params.session)
      if (!session) return noSession()
      if (session.status !== 'open') return endedSession(session)
      const page = payPage(session, emptyPayment(session), call.now, {}, lastRefusal(call, session))
      return { status: 200, page }
    }),
  )

  pages.post<Route>('/c/pay/:session', (request, reply) =>
    submitPage(machine, 'page.pay', request, reply, (call) => {
      const session = call.store.sessions.get(request.params.session)
      if (!session) return noSession()
      if (session.status === 'complete') return { redirectTo: successUrl(session) }
      if (session.status === 'expired') return endedSession(session)
      const typed = readTyped(request.body)
      const read = checkTyped(typed, call.now)
      if ('errors' in read) return { status: 422, page: payPage(session, typed, call.now, read.errors) }
      const outcome = paySession(call, session, read.buyer, read.card)
      switch (outcome.kind) {
        case 'paid':
          return { redirectTo: successUrl(session) }
        case 'challenge':
          return { redirectTo: `../3ds/${outcome.intent.id}` }
        case 'declined':
          return { status: 402, page: payPage(session, typed, call.now, {}, outcome.error.message) }
        default:
          return outcome satisfies never
      }
    }),
  )
}

/** Where the buyer is sent after paying. */
export function successUrl(session: Session): string {
  return new URL(session.successUrl.replaceAll('{CHECKOUT_SESSION_ID}', session.id)).href
}

/** The page of a session that can no longer be paid. */
export function endedSession(session: Session): PageAnswer {
  if (session.status === 'complete') {
    const way = { to: successUrl(session), label: 'Go on to the shop' }
    return { status: 200, page: messagePage('You have already paid', 'This payment is complete.', way) }
  }
  const way = session.cancelUrl === null ? null : { to: session.cancelUrl, label: 'Back to the shop' }
  const text = 'The time for this payment is over. You have not been charged.'
  return { status: 410, page: messagePage('This page has expired', text, way) }
}

// Why the previous attempt did not pay: the buyer may come back from 3-D Secure, or reload.
function lastRefusal(call: Call, session: Session): string | null {
  const intent = session.paymentIntent === null ? undefined : call.store.intents.get(session.paymentIntent)
  if (!intent?.lastError) return null
  if (intent.lastError.code !== 'payment_intent_authentication_failure') return intent.lastError.message
  return 'Your bank could not confirm that it is you. Try again, or use another card.'
}

function noSession(): PageAnswer {
  const text = 'There is no such payment. Go back to the shop and begin again.'
  return { status: 404, page: messagePage('Page not found', text) }
}
