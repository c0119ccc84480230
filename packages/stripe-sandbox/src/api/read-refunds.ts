// GET /v1/refunds and /:id.

import { ok } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { resourceMissing } from './errors.ts'
import { listFields, listPage } from './lists.ts'
import { expandable, readParams, text } from './params.ts'
import { serializeRefund } from './serialize-refund.ts'

/** Reads one refund. */
export const retrieveRefund: Endpoint = {
  method: 'GET',
  path: '/v1/refunds/:id',
  name: 'refunds.retrieve',
  prepare({ params, id }) {
    const values = readParams(params, { expand: expandable('charge', 'payment_intent') })
    return (call) => {
      const refund = call.store.refunds.get(id)
      if (!refund) throw resourceMissing('refund', id, 'id')
      return ok(serializeRefund(call, refund, values.expand))
    }
  },
}

/** Lists refunds, newest first. */
export const listRefunds: Endpoint = {
  method: 'GET',
  path: '/v1/refunds',
  name: 'refunds.list',
  prepare({ params }) {
    const values = readParams(params, { ...listFields, charge: text(), payment_intent: text() })
    const where = { charge: values.charge, payment_intent: values.payment_intent }
    return (call) =>
      ok(
        listPage(call.store.refunds, 'refund', '/v1/refunds', values, where, (refund) => serializeRefund(call, refund)),
      )
  },
}
