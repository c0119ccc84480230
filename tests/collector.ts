// Receives traces: OTLP over HTTP as JSON, https://opentelemetry.io/docs/specs/otlp/.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Seen = {
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  /** Span ids of other traces. */
  links: { traceId: string; spanId: string }[]
  attributes: Record<string, unknown>
  failed: string | undefined
}

type Export = {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: {
      spans: (Pick<Seen, 'name' | 'traceId' | 'spanId' | 'parentSpanId' | 'links'> & {
        attributes: Attribute[]
        status: { code: number; message?: string }
      })[]
    }[]
  }[]
}
type Attribute = { key: string; value: Record<string, unknown> }

/** Numbers are the only kind of value with two spellings in JSON. */
const valuesOf = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
const failedCode = 2

export type Collector = AsyncDisposable & {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  /** Every span received so far. */
  readonly spans: readonly Seen[]
}

export async function startCollector(): Promise<Collector> {
  const spans: Seen[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    if (request.url !== '/v1/traces') return response.writeHead(404).end()
    const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as Export
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { attributes, status, ...span } of scopeSpans.flatMap(({ spans }) => spans))
        spans.push({
          ...span,
          parentSpanId: span.parentSpanId,
          service: String(valuesOf(resource.attributes)['service.name']),
          attributes: valuesOf(attributes),
          failed: status.code === failedCode ? (status.message ?? '') : undefined,
        })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
