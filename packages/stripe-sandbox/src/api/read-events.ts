// GET /v1/events and /:id: the events, newest first.

import type Stripe from 'stripe'
import { type Call, ok } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { resourceMissing } from './errors.ts'
import { listFields, listPage } from './lists.ts'
import { readParams, text } from './params.ts'

/** Reads one event. */
export const retrieveEvent: Endpoint = {
  method: 'GET',
  path: '/v1/events/:id',
  name: 'events.retrieve',
  prepare({ params, id }) {
    readParams(params, {})
    return (call) => {
      const event = call.store.events.get(id)
      if (!event) throw resourceMissing('event', id, 'id')
      return ok(asItStands(call, event))
    }
  },
}

/** Lists events, newest first. */
export const listEvents: Endpoint = {
  method: 'GET',
  path: '/v1/events',
  name: 'events.list',
  prepare({ params }) {
    const values = readParams(params, { ...listFields, type: text() })
    return (call) =>
      ok(
        listPage(call.store.events, 'event', '/v1/events', values, { type: values.type }, (event) =>
          asItStands(call, event),
        ),
      )
  },
}

// A stored event does not change, but whether the endpoint has answered it with 2xx does.
function asItStands(call: Call, event: Stripe.Event): Stripe.Event {
  const delivery = call.store.deliveries.find(event.id)
  return { ...event, pending_webhooks: delivery !== undefined && delivery.status !== 'delivered' ? 1 : 0 }
}
