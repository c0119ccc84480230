/**
 * Forwards one request to a service and its answer back, neither altered. The answer is streamed. The request's
 * body, a few hundred bytes of JSON, is received whole first: a slow client then holds no connection to a service,
 * and the answer of a service that refuses a body early is not lost (writing on into its closed connection loses
 * it: 1 of 8 with 300 kB).
 *
 * With undici's dispatch instead of @fastify/http-proxy, measured at 32 connections on 2 cores: 75 us of CPU per
 * request against 146 us, 14,000 requests/s against 8,300. The front door is on the path of every call, so this is
 * worth a hundred lines.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { endpoints } from '@aisle/contracts/api/index'
import type { Endpoint } from '@aisle/contracts/endpoint'
import { Agent, type Dispatcher } from 'undici'

/** A service ends its own requests after 30 s; this is for a service that can no longer do so. */
const PATIENCE_MS = 35_000
const CONNECT_TIMEOUT_MS = 2_000
/** Connections to one service; requests beyond that wait for a free one. */
const CONNECTIONS = 256
/** Services accept less, except for signed bodies of a provider; this only protects the front door's memory. */
const LARGEST_BODY_BYTES = 256 * 1024
const LARGEST_SIGNED_BODY_BYTES = 1024 * 1024

/** Headers for the next hop only (RFC 9110, 7.6.1), and those that only the front door may set. */
const NOT_FORWARDED = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'forwarded',
  'x-real-ip',
  'x-forwarded-port',
  'traceparent',
  'tracestate',
  'baggage',
]

/** The connections to the services, for answers that end. */
export function openConnections(): Agent {
  return new Agent({
    connections: CONNECTIONS,
    pipelining: 1,
    // Shorter than the 65 s for which a service keeps a connection, so that the front door closes first and never
    // writes into a closing one.
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 30_000,
    headersTimeout: PATIENCE_MS,
    bodyTimeout: PATIENCE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  })
}

/** For answers that stay open: as many as there are pages, each silent for as long as a heartbeat. */
export const openStreamConnections = (): Agent =>
  new Agent({
    pipelining: 1,
    headersTimeout: PATIENCE_MS,
    bodyTimeout: PATIENCE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  })

/**
 * Headers that a `Connection` header may not remove: those that identify the caller, its origin and the request.
 * Browsers cannot send a `Connection` header, and no proper client names these in it (RFC 9110, 7.6.1).
 */
const END_TO_END =
  /^(origin|cookie|authorization|host|range|date|referer|user-agent|cache-control|stripe-signature|idempotency-key|last-event-id|(sec|content|if|accept|x-forwarded|x-request)(-.*)?)$/

type Addressed = (url: string) => boolean

/**
 * Decided by the address, since anyone can set a header. Services also accept their addresses with a trailing
 * slash.
 */
function addressed(which: (endpoint: Endpoint) => boolean): Addressed {
  const paths = Object.values(endpoints)
    .flat()
    .filter(which)
    .map(({ path }) => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}/?$`))
  return (url) => {
    const path = decoded(url.split('?', 1)[0] ?? '')
    return paths.some((pattern) => pattern.test(path))
  }
}

/** Decodes a path as the services do. A path that cannot be decoded is not one of their addresses. */
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return ''
  }
}

/** Whether the answer to a request for a path and query stays open; such answers have no limit of connections. */
export const isStream = addressed(({ stream }) => stream !== undefined)
const isSigned = addressed(({ signed }) => signed === true)

export interface Forward {
  agent: Agent
  /** Origins of the service's replicas, without a path, in the order in which they are tried. */
  origins: readonly string[]
  requestId: string
  /** Whether the caller is a trusted proxy, whose headers about its client are kept; others' are replaced. */
  trusted: boolean
  /** The parent span of the service's work. */
  traceparent?: string | undefined
  /** Called instead of an answer from the service; the response is still untouched. */
  refused: (code: 'unavailable' | 'too-large', error?: Error) => void
}

/** Forwards `request` to a service and its answer to `response`. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { agent, origins, requestId, trusted, traceparent, refused }: Forward,
) {
  const send = (body: Buffer | null, nth = 0) => {
    const failed = (error: Error) => {
      if (nth + 1 < origins.length && mayRepeat(request, error)) send(body, nth + 1)
      else refused('unavailable', error)
    }
    const method = (request.method ?? 'GET') as Dispatcher.HttpMethod
    const headers = headersFor(request, { requestId, trusted, traceparent }, body)
    try {
      agent.dispatch(
        { origin: origins[nth] ?? '', path: request.url ?? '/', method, headers, body },
        new Relay(response, failed),
      )
    } catch (error) {
      // Such as an empty origin: the service has never started.
      failed(error as Error)
    }
  }
  const { 'transfer-encoding': chunked, 'content-length': length = '0' } = request.headers
  const most = isSigned(request.url ?? '') ? LARGEST_SIGNED_BODY_BYTES : LARGEST_BODY_BYTES
  if (chunked === undefined && length === '0') send(null)
  else if (Number(length) > most) refused('too-large')
  else receive(request, most, send, () => refused('too-large'))
}

/** Errors after which the service cannot have received anything. */
const neverSent = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])
/** Errors of a connection that was cut: the request that it carried may have been executed. */
const cut = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/** Whether the request may go to another replica: it was received by none, or repeating it is harmless. */
function mayRepeat({ method, headers }: IncomingMessage, error: Error): boolean {
  const { code = '' } = error as NodeJS.ErrnoException
  if (neverSent.has(code)) return true
  return cut.has(code) && (method === 'GET' || method === 'HEAD' || headers['idempotency-key'] !== undefined)
}

function receive(request: IncomingMessage, most: number, whole: (body: Buffer) => void, tooLarge: () => void): void {
  const parts: Buffer[] = []
  let bytes = 0
  const take = (part: Buffer) => {
    parts.push(part)
    bytes += part.length
    if (bytes <= most) return
    // Node reads and drops the rest, so that the client gets to read its answer.
    request.off('data', take).off('end', finish)
    tooLarge()
  }
  const finish = () => whole(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
  request.on('data', take).on('end', finish)
}

function headersFor(
  request: IncomingMessage,
  { requestId, trusted, traceparent }: Pick<Forward, 'requestId' | 'trusted' | 'traceparent'>,
  body: Buffer | null,
): IncomingHttpHeaders {
  const headers = { ...request.headers }
  for (const option of request.headers.connection?.toLowerCase().split(',') ?? []) {
    const name = option.trim()
    if (!END_TO_END.test(name)) delete headers[name]
  }
  for (const name of NOT_FORWARDED) delete headers[name]
  if (body) headers['content-length'] = String(body.length)
  headers['x-request-id'] = requestId
  if (traceparent) headers.traceparent = traceparent
  if (trusted && headers['x-forwarded-for'] !== undefined) return headers
  headers['x-forwarded-for'] = request.socket.remoteAddress ?? ''
  headers['x-forwarded-proto'] = 'http'
  headers['x-forwarded-host'] = request.headers.host ?? ''
  return headers
}

/** Writes a service's answer to the client, no faster than the client reads. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  readonly #failed: (error: Error) => void

  /** `failed` is called instead of an answer; the response is still untouched. */
  constructor(response: ServerResponse, failed: (error: Error) => void) {
    this.#response = response
    this.#failed = failed
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const response = this.#response
    // A client that has gone away needs no answer; the service may stop working on it.
    const abandon = () => {
      if (!response.writableFinished) controller.abort(new Error('the client closed the connection'))
    }
    if (response.closed) abandon()
    else response.once('close', abandon)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    delete headers.connection
    delete headers['keep-alive']
    delete headers['transfer-encoding']
    this.#response.writeHead(status, headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.write(chunk)) return
    controller.pause()
    this.#response.once('drain', () => controller.resume())
  }

  onResponseEnd(): void {
    this.#response.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#response.destroyed) return
    // Half an answer must not look like a whole one.
    if (this.#response.headersSent) this.#response.destroy()
    else this.#failed(error)
  }
}
