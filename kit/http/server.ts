// The HTTP side of a service: Fastify with one schema check in, one form of error out, sessions, request ids, limits and security headers.

import type { Socket } from 'node:net'
import type { Endpoint } from '@aisle/contracts/endpoint'
import { type RefusalCode, refusals } from '@aisle/contracts/refusals'
import { noTracer, type Span, type Tracer } from '@aisle/tracing/tracer'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { checker } from '../check.ts'
import type { Database } from '../db/database.ts'
import { isTimeout, isTransient } from '../db/database.ts'
import { isRefusal, type Refusal, refuse } from '../errors.ts'
import type { Log } from '../log.ts'
import type { ServiceMetrics } from '../metrics.ts'
import { type Sessions, sessionCookie } from '../session.ts'
import { fingerprint, type Key, type Stored } from './idempotency.ts'
import { isCrossOrigin } from './origin.ts'
import { problemOf, problemType } from './problem.ts'
import type { RateCounts } from './rate-counts.ts'
import type { Request, Route, SignIn } from './route.ts'
import { type AnsweringRoute, runRoute } from './run-route.ts'
import type { Streams, Subscription } from './stream.ts'

export type HttpOptions<S> = {
  routes: readonly Route<S>[]
  service: S
  db: Database
  sessions: Sessions
  log: Log
  metrics: ServiceMetrics
  tracer: Tracer
  now: () => Date
  newId: () => string
  publicUrl: string
  fingerprintSecret: string
  /** Requests a minute for one client, or null for no limit. */
  callsPerMinute: number | null
  rateCounts: RateCounts
  /** Signs a session; only auth can. */
  issue: ((signIn: SignIn) => Promise<string>) | undefined
  /** What keeps the service from being ready, or null. */
  trouble: () => Promise<string | null>
  openapi: () => unknown
  openapiPath: string
  /** For routes that stay open. */
  streams: Streams | null
}

const bodyLimitBytes = 64 * 1024
/** What a provider signs carries whole objects of its own. */
const signedBodyLimitBytes = 1024 * 1024
const requestTimeoutMs = 30_000

export async function buildServer<S>(options: HttpOptions<S>): Promise<FastifyInstance> {
  const { routes, log, metrics, tracer, newId, callsPerMinute, publicUrl } = options
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 65_000,
    // Only the front door speaks to a service; the client's address is what it says.
    trustProxy: 'loopback, linklocal, uniquelocal',
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : newId()
    },
    forceCloseConnections: 'idle',
    // A connection that is open at the stop may send its request and is told then that it was the last.
    return503OnClosing: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => sendRefusal(request, reply as FastifyReply, refusalOf(error)),
  })

  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] }, useDefaults: false },
    strictTransportSecurity: publicUrl.startsWith('https:'),
  })
  if (callsPerMinute !== null) {
    await app.register(rateLimit, {
      max: callsPerMinute,
      timeWindow: 60_000,
      store: options.rateCounts.Store,
      allowList: (request) => isProbe(request.url) || isSigned(request),
      errorResponseBuilder: () => Object.assign(new Error('too many requests'), { statusCode: 429 }),
    })
  }

  // Bodies are checked by the route, so that a wrong session, path and body are refused in that order.
  app.setValidatorCompiler(() => () => true)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (isSigned(request)) return done(null, text)
    if (text === '') return done(null, undefined)
    try {
      done(null, JSON.parse(text as string))
    } catch {
      done(Object.assign(new Error('malformed JSON'), { statusCode: 400, code: 'MALFORMED_JSON' }))
    }
  })

  app.decorateRequest('span')
  app.addHook('onRequest', async (request, reply) => {
    request.span = startSpan(tracer, request)
    reply.header('x-request-id', request.id)
    if (!isSigned(request) && isCrossOrigin(request.method, request.headers, publicUrl))
      return sendRefusal(request, reply, refuse('cross-origin'))
  })
  // A connection that is still answering when the stop begins would stay open, and hold the stop up, for as long as its client keeps it.
  let closing = false
  // So would one that has never sent a request, as of a page that was left while it connected: Node does not count it as idle.
  const unused = new Set<Socket>()
  app.server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  app.server.on('request', ({ socket }) => unused.delete(socket))
  app.addHook('preClose', async () => {
    closing = true
    options.streams?.close()
    for (const socket of unused) socket.destroy()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    if (isProbe(route)) return
    request.span.set('http.response.status_code', reply.statusCode)
    if (reply.statusCode >= 500) request.span.fail(`answered ${reply.statusCode}`)
    request.span.end()
    metrics.requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    log.debug(
      { reqId: request.id, method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    )
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOf(error)
    if (refusal.refused === 'internal')
      log.error({ err: error, reqId: request.id, route: request.routeOptions.url }, 'a request failed')
    if (refusal.refused === 'unavailable') log.warn({ err: error, reqId: request.id }, 'a request could not be served')
    return sendRefusal(request, reply, refusal)
  })
  const paths = routes.map(({ endpoint }) => ({
    method: endpoint.method,
    matches: new RegExp(`^${endpoint.path.replaceAll(/:\w+/g, '[^/]+')}/?$`),
  }))
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allowed = paths.filter(({ matches }) => matches.test(path)).map(({ method }) => method)
    if (allowed.length === 0) return sendRefusal(request, reply, refuse('not-found'))
    reply.header('allow', [...new Set(allowed)].join(', '))
    return sendRefusal(request, reply, refuse('method-not-allowed'))
  })

  for (const route of routes) addRoute(app, route, options)

  app.get('/livez', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const trouble = await options.trouble()
    return reply
      .code(trouble === null ? 200 : 503)
      .send(trouble === null ? { status: 'ready' } : { status: 'not ready', trouble })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
  app.get(options.openapiPath, async () => options.openapi())
  return app
}

declare module 'fastify' {
  interface FastifyRequest {
    span: Span
  }
  interface FastifyContextConfig {
    /** The endpoint is called by a machine that signs what it sends. */
    signed?: true
  }
}

const isSigned = (request: FastifyRequest) => request.routeOptions.config.signed === true

const isProbe = (url: string) => url === '/livez' || url === '/readyz' || url === '/metrics'

function startSpan(tracer: Tracer, { method, routeOptions, headers, id }: FastifyRequest): Span {
  const route = routeOptions.url ?? 'unknown'
  const { traceparent } = headers
  return (isProbe(route) ? noTracer : tracer).startSpan(`${method} ${route}`, {
    kind: 'server',
    parent: typeof traceparent === 'string' ? traceparent : undefined,
    attributes: { 'http.request.method': method, 'http.route': route, 'aisle.request_id': id },
  })
}

function addRoute<S>(app: FastifyInstance, route: Route<S>, options: HttpOptions<S>): void {
  const { endpoint } = route
  const { service, db, sessions, log, now, metrics, callsPerMinute, fingerprintSecret } = options
  const { name: cookieName, options: cookieOptions } = sessionCookie(options.publicUrl)
  const checks = {
    params: endpoint.params && checker(endpoint.params),
    query: endpoint.query && checker(endpoint.query, { fromText: true }),
    body: endpoint.body && checker(endpoint.body),
  }
  const unsafe = endpoint.method !== 'GET'
  const limit =
    callsPerMinute !== null && endpoint.callsPerMinute !== undefined
      ? { rateLimit: { max: Math.min(callsPerMinute, endpoint.callsPerMinute), timeWindow: 60_000 } }
      : {}

  app.route({
    method: endpoint.method,
    url: endpoint.path,
    config: { ...limit, ...(endpoint.signed ? { signed: true } : {}) },
    ...(endpoint.signed ? { bodyLimit: signedBodyLimitBytes } : {}),
    // The contract's schema for success: what a handler returns beside it does not leave the service.
    schema: endpoint.success.body === null ? {} : { response: { [endpoint.success.status]: endpoint.success.body } },
    handler: async (http, reply) => {
      const session = await sessions.verify(http.cookies[cookieName])
      const input = accept(http, session)
      if (isRefusal(input)) {
        metrics.refusals.inc({ route: endpoint.path, code: input.refused })
        return sendRefusal(http, reply, input)
      }
      const { request, key } = input
      if (route.kind === 'stream') return openStream(http, reply, await route.handle(request, service))
      const { stored, replayed } = await runRoute({ db, route: route as AnsweringRoute<S>, request, service, key })
      if (stored.status >= 400)
        metrics.refusals.inc({ route: endpoint.path, code: (stored.body as { code: string }).code })
      if (replayed) reply.header('idempotent-replayed', 'true')
      return send(reply, stored)
    },
  })

  async function openStream(http: FastifyRequest, reply: FastifyReply, subscription: Subscription | Refusal) {
    if (isRefusal(subscription)) {
      metrics.refusals.inc({ route: endpoint.path, code: subscription.refused })
      return sendRefusal(http, reply, subscription)
    }
    if (!options.streams)
      throw new Error(`${endpoint.path} is a stream, but the service does not say what its messages are about.`)
    if (http.method === 'HEAD') return reply.type('text/event-stream').send()
    const last = http.headers['last-event-id']
    const headers = Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]))
    reply.hijack()
    await options.streams
      .open(reply.raw, {
        subscription,
        headers,
        lastEventId: typeof last === 'string' ? last : undefined,
        stillAllowed: async () =>
          endpoint.who === 'anyone' || (await sessions.verify(http.cookies[cookieName])) !== null,
      })
      .catch((error: unknown) => {
        log.error({ err: error, reqId: http.id, route: endpoint.path }, 'a stream could not be opened')
        reply.raw.destroy()
      })
    return reply
  }

  function accept(
    http: FastifyRequest,
    session: Awaited<ReturnType<Sessions['verify']>>,
  ): { request: Request<Endpoint>; key: Key | null } | Refusal {
    if (endpoint.who !== 'anyone' && !session) return refuse('not-signed-in')
    // A malformed id names nothing: 404, not 400.
    const params = checks.params ? checks.params(http.params) : { ok: true as const, value: undefined }
    if (!params.ok) return refuse('not-found')
    if (endpoint.who === 'admin' && session?.role !== 'admin') return refuse('admins-only')
    const query = checks.query ? checks.query(http.query) : { ok: true as const, value: undefined }
    if (!query.ok) return { ...refuse('invalid'), errors: query.faults }
    const body = checks.body
      ? checks.body(http.body === undefined ? {} : http.body)
      : { ok: true as const, value: undefined }
    if (!body.ok) return { ...refuse('invalid'), errors: body.faults }
    const key = unsafe && !endpoint.signed ? readKey(http, session) : null
    if (isRefusal(key)) return key
    const request = {
      params: params.value,
      query: query.value,
      body: body.value,
      session,
      headers: http.headers,
      now: now(),
      origin: { requestId: http.id, traceparent: http.span.traceparent },
      span: http.span,
      log: log.child({ reqId: http.id }),
    }
    return { request: request as unknown as Request<Endpoint>, key }
  }

  function readKey(http: FastifyRequest, session: { userId: string } | null): Key | null | Refusal {
    const key = http.headers['idempotency-key']
    if (key === undefined) return null
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key))
      return refuse('invalid', { field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' })
    return {
      scope: session?.userId ?? 'anonymous',
      key,
      fingerprint: fingerprint(fingerprintSecret, http.method, http.url, http.body),
    }
  }

  async function send(reply: FastifyReply, stored: Stored) {
    if (stored.signIn) {
      if (!options.issue) throw new Error(`${endpoint.path} signs in, but this service cannot sign sessions.`)
      reply.setCookie(cookieName, await options.issue(stored.signIn), cookieOptions)
    }
    if (stored.signIn === null) reply.clearCookie(cookieName, cookieOptions)
    reply.code(stored.status).headers(stored.headers)
    if (endpoint.who !== 'anyone' || stored.signIn !== undefined) reply.header('cache-control', 'no-store')
    return stored.status === 204 ? reply.send() : reply.send(stored.body)
  }
}

function sendRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal) {
  return reply
    .code(refusals[refusal.refused].status)
    .header('x-request-id', request.id)
    .type(problemType)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problemOf(refusal, request.id))
}

/** What a thrown error is to the client. Only the framework's own errors about the request say anything; the rest is ours. */
function refusalOf(error: { statusCode?: number | undefined; code?: string | undefined }): Refusal {
  const byStatus: Record<number, RefusalCode> = {
    404: 'not-found',
    413: 'too-large',
    414: 'too-large',
    415: 'unsupported-media-type',
    429: 'too-many-requests',
  }
  const code = byStatus[error.statusCode ?? 500]
  if (code) return refuse(code)
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return refuse('invalid', {
      message: error.code === 'MALFORMED_JSON' ? 'The body is not valid JSON.' : 'The request cannot be understood.',
    })
  }
  return refuse(isTransient(error) || isTimeout(error) ? 'unavailable' : 'internal')
}
