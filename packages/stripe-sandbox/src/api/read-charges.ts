// GET /v1/charges and /:id.

import { ok } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { resourceMissing } from './errors.ts'
import { listFields, listPage } from './lists.ts'
import { readParams, text } from './params.ts'
import { serializeCharge } from './serialize-charge.ts'

/** Reads one charge. */
export const retrieveCharge: Endpoint = {
  method: 'GET',
  path: '/v1/charges/:id',
  name: 'charges.retrieve',
  prepare({ params, id }) {
    readParams(params, {})
    return (call) => {
      const charge = call.store.charges.get(id)
      if (!charge) throw resourceMissing('charge', id, 'id')
      return ok(serializeCharge(call.store, charge))
    }
  },
}

/** Lists charges, newest first. */
export const listCharges: Endpoint = {
  method: 'GET',
  path: '/v1/charges',
  name: 'charges.list',
  prepare({ params }) {
    const values = readParams(params, { ...listFields, payment_intent: text() })
    const where = { payment_intent: values.payment_intent }
    return (call) =>
      ok(
        listPage(call.store.charges, 'charge', '/v1/charges', values, where, (charge) =>
          serializeCharge(call.store, charge),
        ),
      )
  },
}
