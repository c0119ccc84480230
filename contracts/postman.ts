// A collection of requests in Postman's format 2.1, which Bruno, Insomnia and others read as well, made from the
// endpoint declarations. See https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html.

import type { Endpoint } from './endpoint.ts'
import { byStatus } from './openapi.ts'

type Json = Record<string, unknown>
/** What we read of a JSON schema. */
type Schema = {
  type?: string
  format?: string
  description?: string
  default?: unknown
  minimum?: number
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
}

/** One request of a walk-through. */
export type Step = {
  name: string
  endpoint: Endpoint
  body?: unknown
  /** Which field of the answer becomes the value of which variable. */
  save?: Readonly<Record<string, string>>
  /** Sent again while this JavaScript expression over `code` (the status) and `body` is true. */
  again?: string
}

/** Builds the collection: the walk-through, then every endpoint by service. */
export function postman(
  walk: { name: string; description: string; steps: readonly Step[] },
  endpoints: Readonly<Record<string, readonly Endpoint[]>>,
): Json {
  const item = [
    { name: walk.name, description: walk.description, item: walk.steps.map(stepItem) },
    ...Object.entries(endpoints).map(([name, own]) => ({
      name,
      // Webhooks are signed by the provider: there is nothing to send by hand.
      item: sorted(own.filter(({ signed }) => !signed)).map((endpoint) => ({
        name: endpoint.summary,
        ...requestOf(endpoint),
      })),
    })),
  ]
  const used = new Set([...JSON.stringify(item).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!))
  return {
    info: {
      name: 'Aisle',
      description: 'Every endpoint of an Aisle marketplace, and a sale from one end to the other.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item,
    variable: [...used].map((key) => ({ key, value: key === 'baseUrl' ? 'http://localhost:3000' : '' })),
  }
}

/** By path: the order of a module's exports differs between loaders. */
const sorted = (endpoints: readonly Endpoint[]) => {
  const key = ({ path, method }: Endpoint) => `${path} ${method}`
  return endpoints.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

function stepItem(step: Step): Json {
  const { name, endpoint, body, save = {}, again } = step
  const { status } = endpoint.success
  return {
    name,
    event: [
      {
        listen: 'test',
        script: {
          type: 'text/javascript',
          exec: [
            'const code = pm.response.code',
            'const body = pm.response.json()',
            "const tries = Number(pm.collectionVariables.get('tries') || 0)",
            `const again = ${again ?? 'false'}`,
            'if (again && tries < 200) {',
            "  pm.collectionVariables.set('tries', tries + 1)",
            '  pm.execution.setNextRequest(pm.info.requestName)',
            '} else {',
            "  pm.collectionVariables.set('tries', 0)",
            `  pm.test('${endpoint.method} ${endpoint.path} answers ${status}', () => {`,
            "    if (again) throw new Error('It still has to be sent again.')",
            `    pm.response.to.have.status(${status})`,
            '  })',
            ...Object.entries(save).map(([key, field]) => `  pm.collectionVariables.set('${key}', body.${field})`),
            '}',
          ],
        },
      },
    ],
    ...requestOf(endpoint, body),
  }
}

function requestOf(endpoint: Endpoint, given?: unknown): Json {
  const { method, params, query, stream } = endpoint
  const path = endpoint.path.split('/').slice(1)
  const owner = (path[path.indexOf(':id') - 1] ?? '').replace(/s$/, '')
  const body = given ?? (endpoint.body ? exampleOf('', endpoint.body) : undefined)
  const queries = fieldsOf(query).map(([key, schema, required]) => ({
    key,
    value: String(exampleOf(key, schema)),
    description: schema.description ?? '',
    disabled: !required,
  }))
  const search = queries.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`)
  return {
    request: {
      method,
      header: body === undefined ? [] : [{ key: 'Content-Type', value: 'application/json' }],
      url: {
        raw: `{{baseUrl}}${endpoint.path}${search.length > 0 ? `?${search.join('&')}` : ''}`,
        host: ['{{baseUrl}}'],
        path,
        ...(queries.length > 0 ? { query: queries } : {}),
        ...(params ? { variable: fieldsOf(params).map(([key]) => ({ key, value: `{{${owner}Id}}` })) } : {}),
      },
      ...(body === undefined
        ? {}
        : { body: { mode: 'raw', raw: JSON.stringify(body, null, 2), options: { raw: { language: 'json' } } } }),
      description: descriptionOf(endpoint, stream !== undefined),
    },
  }
}

function descriptionOf(endpoint: Endpoint, isStream: boolean): string {
  const who = { anyone: 'For anyone.', user: 'For users who are signed in.', admin: 'For admins.' }[endpoint.who]
  const optional = fieldsOf(endpoint.body).filter(([, , required]) => !required)
  const refusals = [...byStatus(endpoint)].map(([status, codes]) => `${status} ${codes.join(', ')}`)
  return [
    `${endpoint.summary}. ${who}${isStream ? ' The answer stays open (Server-Sent Events).' : ''}`,
    ...(optional.length > 0 ? [`The body may also have ${optional.map(([key]) => `\`${key}\``).join(', ')}.`] : []),
    `Refusals: ${refusals.join('; ')}.`,
  ].join('\n\n')
}

const fieldsOf = (schema: unknown): [key: string, schema: Schema, required: boolean][] => {
  const { properties = {}, required = [] } = (schema ?? {}) as Schema
  return Object.entries(properties).map(([key, property]) => [key, property, required.includes(key)])
}

/** Text that fits the field of this name. */
const texts: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  password: 'a good password',
  name: 'Ada',
  title: 'Two seats in the stalls',
  phone: '+43 1 234567',
  ids: '{{ticketId}}',
  orderIds: '{{orderId}}',
}

/** A value that fits the schema of the field `key`: of an object, the fields that it requires. */
function exampleOf(key: string, schema: unknown): unknown {
  const { type, format, default: usual, minimum = 1, enum: values, properties } = schema as Schema
  if (properties)
    return Object.fromEntries(
      fieldsOf(schema).flatMap(([name, property, required]) => (required ? [[name, exampleOf(name, property)]] : [])),
    )
  if (values) return values[0]
  if (format === 'uuid') return `{{${key}}}`
  if (format === 'date-time') return '2099-12-01T19:00:00Z'
  if (type === 'integer') return usual ?? minimum
  if (type === 'boolean') return true
  return texts[key] ?? 'text'
}
