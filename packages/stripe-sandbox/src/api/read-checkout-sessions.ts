// GET /v1/checkout/sessions, /:id and /:id/line_items.

import type { Session } from '../store/records.ts'
import { type Call, ok } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { resourceMissing } from './errors.ts'
import { listFields, listPage } from './lists.ts'
import { expandable, integer, oneOf, readParams, text } from './params.ts'
import { type SessionExpansion, serializeLineItem, serializeSession } from './serialize-session.ts'

/** Reads one Checkout Session. */
export const retrieveCheckoutSession: Endpoint = {
  method: 'GET',
  path: '/v1/checkout/sessions/:id',
  name: 'checkout.sessions.retrieve',
  prepare({ params, id }) {
    const values = readParams(params, {
      expand: expandable('line_items', 'payment_intent', 'payment_intent.latest_charge'),
    })
    return (call) => ok(serializeSession(call, storedSession(call, id), values.expand))
  },
}

/** Lists Checkout Sessions, newest first. */
export const listCheckoutSessions: Endpoint = {
  method: 'GET',
  path: '/v1/checkout/sessions',
  name: 'checkout.sessions.list',
  prepare({ params }) {
    const values = readParams(params, {
      ...listFields,
      expand: expandable('data.line_items', 'data.payment_intent', 'data.payment_intent.latest_charge'),
      payment_intent: text(),
      status: oneOf('open', 'complete', 'expired'),
    })
    const where = { payment_intent: values.payment_intent, status: values.status }
    const expand = new Set([...(values.expand ?? [])].map((path) => path.slice('data.'.length) as SessionExpansion))
    return (call) =>
      ok(
        listPage(call.store.sessions, 'checkout.session', '/v1/checkout/sessions', values, where, (session) =>
          serializeSession(call, session, expand),
        ),
      )
  },
}

/** Lists what a Checkout Session sells, in the order in which it was given. */
export const listLineItems: Endpoint = {
  method: 'GET',
  path: '/v1/checkout/sessions/:id/line_items',
  name: 'checkout.sessions.list_line_items',
  prepare({ params, id }) {
    const values = readParams(params, { limit: integer(1, 100), starting_after: text(), ending_before: text() })
    return (call) => {
      const session = storedSession(call, id)
      const limit = values.limit ?? 10
      const place = (item: string | undefined, param: string, otherwise: number) => {
        if (item === undefined) return otherwise
        const index = session.lineItems.findIndex((candidate) => candidate.id === item)
        if (index === -1) throw resourceMissing('line_item', item, param, 400)
        return index
      }
      const after = place(values.starting_after, 'starting_after', -1)
      const before = place(values.ending_before, 'ending_before', session.lineItems.length)
      const between = session.lineItems.slice(after + 1, before)
      const items = values.ending_before === undefined ? between.slice(0, limit) : between.slice(-limit)
      return ok({
        object: 'list',
        data: items.map((item) => serializeLineItem(session, item)),
        has_more: between.length > limit,
        url: `/v1/checkout/sessions/${id}/line_items`,
      })
    }
  },
}

/** The session in the path, or Stripe's 404. */
export function storedSession(call: Call, id: string): Session {
  const session = call.store.sessions.get(id)
  if (!session) throw resourceMissing('checkout.session', id, 'session')
  return session
}
