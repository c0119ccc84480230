// GET /v1/payment_intents, /:id and /search.

import type Stripe from 'stripe'
import type { Equality } from '../store/table.ts'
import { ok } from './call.ts'
import { storedIntent } from './confirm-payment-intent.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest } from './errors.ts'
import { listFields, listPage } from './lists.ts'
import { expandable, integer, readParams, required, text } from './params.ts'
import { type IntentExpansion, serializeIntent } from './serialize-intent.ts'

const listExpansions = expandable('data.latest_charge', 'data.payment_method')

/** Reads one PaymentIntent. */
export const retrievePaymentIntent: Endpoint = {
  method: 'GET',
  path: '/v1/payment_intents/:id',
  name: 'payment_intents.retrieve',
  prepare({ params, id }) {
    const values = readParams(params, { expand: expandable('latest_charge', 'payment_method') })
    return (call) => ok(serializeIntent(call, storedIntent(call, id), values.expand))
  },
}

/** Lists PaymentIntents, newest first. */
export const listPaymentIntents: Endpoint = {
  method: 'GET',
  path: '/v1/payment_intents',
  name: 'payment_intents.list',
  prepare({ params }) {
    const values = readParams(params, { ...listFields, expand: listExpansions })
    const expand = ofItems(values.expand)
    return (call) =>
      ok(
        listPage(call.store.intents, 'payment_intent', '/v1/payment_intents', values, {}, (intent) =>
          serializeIntent(call, intent, expand),
        ),
      )
  },
}

/** Finds PaymentIntents by metadata, status or currency. Unlike Stripe's, the index never lags. */
export const searchPaymentIntents: Endpoint = {
  method: 'GET',
  path: '/v1/payment_intents/search',
  name: 'payment_intents.search',
  prepare({ params }) {
    const values = readParams(params, {
      query: required(text()),
      limit: integer(1, 100),
      page: text(),
      expand: listExpansions,
    })
    const equal = parseQuery(values.query)
    const limit = values.limit ?? 10
    const offset = values.page === undefined ? 0 : offsetOf(values.page)
    const expand = ofItems(values.expand)
    return (call) => {
      const found = call.store.intents.search(equal, limit + 1, offset)
      const more = found.length > limit
      const result: Stripe.ApiSearchResult<Stripe.PaymentIntent> = {
        object: 'search_result',
        data: found.slice(0, limit).map((intent) => serializeIntent(call, intent, expand)),
        has_more: more,
        next_page: more ? Buffer.from(`offset:${offset + limit}`).toString('base64url') : null,
        url: '/v1/payment_intents/search',
      }
      return ok(result)
    }
  },
}

// The equality part of Stripe's query language: field:'value' AND metadata['key']:'value'; either kind of
// quote.
const clause = /\s*(?:(status|currency)|metadata\[(['"])([\w.-]+)\2\])\s*:\s*(['"])((?:(?!\4)[^\\]|\\.)*)\4\s*/y

function parseQuery(query: string): Equality[] {
  const equal: Equality[] = []
  let at = 0
  for (;;) {
    clause.lastIndex = at
    const match = clause.exec(query)
    if (!match) break
    const [whole, field, , key, , value] = match
    equal.push({
      of: field === undefined ? 'metadata' : 'field',
      name: field ?? key!,
      value: value!.replaceAll(/\\(.)/g, '$1'),
    })
    at += whole.length
    if (at === query.length) return equal
    if (!/^AND\b/i.test(query.slice(at))) break
    at += 'AND'.length
  }
  throw invalidRequest(
    `We were unable to parse your search query: ${query}. This sandbox knows status:'...', currency:'...' and ` +
      `metadata['key']:'...', joined by AND.`,
    { param: 'query' },
  )
}

function offsetOf(page: string): number {
  const match = /^offset:(\d{1,9})$/.exec(Buffer.from(page, 'base64url').toString())
  if (!match) throw invalidRequest(`Invalid page: ${page}`, { param: 'page' })
  return Number(match[1])
}

function ofItems(
  expand: ReadonlySet<'data.latest_charge' | 'data.payment_method'> | undefined,
): ReadonlySet<IntentExpansion> {
  const items = new Set<IntentExpansion>()
  if (expand?.has('data.latest_charge')) items.add('latest_charge')
  if (expand?.has('data.payment_method')) items.add('payment_method')
  return items
}
