// The OpenAPI 3.1 document of a service, generated from its endpoint declarations: nothing is written twice. See
// https://spec.openapis.org/oas/v3.1.0.

import { type Endpoint, Problem } from './endpoint.ts'
import { everywhere, type RefusalCode, refusals } from './refusals.ts'
import type { TSchema } from './schema.ts'

type Json = Record<string, unknown>
type ObjectSchema = { properties: Record<string, TSchema>; required?: string[] }

/** Builds the document. `title` is the service's name, `description` its purpose. */
export function openapi(service: { title: string; description: string }, endpoints: readonly Endpoint[]): Json {
  const paths: Record<string, Json> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint, service.title) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `Aisle ${service.title}`,
      description: service.description,
      version: '1.0.0',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem },
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'session' } },
    },
  }
}

function operation(endpoint: Endpoint, tag: string): Json {
  const { method, path, summary, who, params, query, body, success } = endpoint
  const responses: Record<string, Json> = {
    [success.status]: {
      description: 'Success',
      ...(success.body ? { content: { 'application/json': { schema: success.body } } } : {}),
      ...(endpoint.stream
        ? { content: { 'text/event-stream': { schema: { anyOf: Object.values(endpoint.stream) } } } }
        : {}),
      headers: {
        ...(endpoint.paged ? { Link: { description: 'the next page, rel="next"', schema: { type: 'string' } } } : {}),
        ...(endpoint.tagged ? { ETag: { description: 'of this answer', schema: { type: 'string' } } } : {}),
      },
    },
    ...(endpoint.tagged && method === 'GET' ? { 304: { description: 'If-None-Match names this answer' } } : {}),
  }
  for (const [status, codes] of byStatus(endpoint)) {
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${refusals[code].title}`).join('\n\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }
  }
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    tags: [tag],
    parameters: [
      ...parameters('path', params),
      ...parameters('query', query),
      ...(method === 'GET' || endpoint.signed ? [] : [idempotencyKey]),
      ...(endpoint.tagged && method === 'GET' ? [ifNoneMatch] : []),
      ...(endpoint.refusals.includes('stale-version') ? [ifMatch] : []),
    ],
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses,
    security: who === 'anyone' ? [] : [{ session: [] }],
  }
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key with the same request gets the first answer again (header Idempotent-Replayed: true).',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

const ifMatch: Json = {
  name: 'If-Match',
  in: 'header',
  description: 'ETags of which one must still be right, with commas; a version in quotes; or *. Else `stale-version`.',
  schema: { type: 'string' },
}

const ifNoneMatch: Json = {
  name: 'If-None-Match',
  in: 'header',
  description: 'ETags of answers that the caller has, with commas.',
  schema: { type: 'string' },
}

function parameters(place: 'path' | 'query', schema: TSchema | undefined): Json[] {
  if (!schema) return []
  const { properties, required = [] } = schema as unknown as ObjectSchema
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }))
}

/** The refusal codes that the endpoint can answer with, by status. */
export function byStatus(endpoint: Endpoint): Map<number, RefusalCode[]> {
  const unsafe: RefusalCode[] =
    endpoint.method === 'GET' || endpoint.signed ? [] : ['idempotency-key-in-use', 'idempotency-key-reused']
  const who: RefusalCode[] =
    endpoint.who === 'anyone'
      ? []
      : endpoint.who === 'user'
        ? ['not-signed-in']
        : ['not-signed-in', 'admins-only', 'second-factor-needed']
  const fresh: RefusalCode[] = endpoint.fresh ? ['proof-needed'] : []
  const codes = new Set<RefusalCode>([...everywhere, ...who, ...fresh, ...unsafe, ...endpoint.refusals])
  return Map.groupBy(codes, (code) => refusals[code].status)
}
