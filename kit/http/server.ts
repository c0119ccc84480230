// The HTTP side of a service: Fastify with one schema check for input, one form for errors, sessions, request ids,
// limits and security headers.

import type { RefusalCode } from '@aisle/contracts/refusals'
import { drainAtStop } from '@aisle/http/drain'
import { securityHeaders } from '@aisle/http/headers'
import { isCrossOrigin } from '@aisle/http/origin'
import { proxiesOf } from '@aisle/http/proxies'
import { isEncoded, serverOptions } from '@aisle/http/server-options'
import { allowHeader, isProper } from '@aisle/http/target'
import { noTracer, type Span, type Tracer } from '@aisle/tracing/span'
import cookie from '@fastify/cookie'
import rateLimit from '@fastify/rate-limit'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { refuse } from '../errors.ts'
import { addRoute } from './add-route.ts'
import type { Audit } from './audit.ts'
import { refuseNonsense } from './client-error.ts'
import type { HttpOptions } from './options.ts'
import { readJson } from './read-json.ts'
import { refusalOf, sendRefusal } from './send-refusal.ts'
import type { Session } from './session.ts'
import { createTurns } from './turns.ts'

const bodyLimitBytes = 64 * 1024
const requestTimeoutMs = 30_000
/** How many requests of one client may wait for a change. They hold no connection, and take no turn of its others. */
const waitsAtOnce = 10
/** How long a stop waits for requests that wait for their client's turn; the whole stop may take 25 s. */
const turnsWithinMs = 5_000

/** Builds the server of a service with its routes, probes and metrics. It does not listen yet. */
export async function buildServer<S>(options: HttpOptions<S>): Promise<FastifyInstance> {
  const { routes, log, metrics, tracer, newId, callsPerMinute, publicUrl } = options
  const proxies = proxiesOf(options.trustedProxies)
  const headers = securityHeaders(publicUrl)
  const app = Fastify({
    ...serverOptions(proxies, newId),
    loggerInstance: log as FastifyBaseLogger,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    trustProxy: proxies,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) =>
      sendRefusal(request, (reply as FastifyReply).headers(headers), refusalOf(error)),
    clientErrorHandler: refuseNonsense(headers),
  })

  await app.register(cookie)
  if (callsPerMinute !== null) {
    await app.register(rateLimit, {
      max: callsPerMinute,
      timeWindow: 60_000,
      store: options.rateCounts.Store,
      allowList: (request) => isProbe(request.url) || isSigned(request),
      errorResponseBuilder: () => Object.assign(new Error('too many requests'), { statusCode: 429 }),
    })
  }

  // The route checks the body, so that a wrong session, path and body are refused in that order.
  app.setValidatorCompiler(() => () => true)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    if (isSigned(request)) return done(null, bytes.toString())
    const read = readJson(bytes as Buffer)
    if (read.ok) done(null, read.value)
    else done(Object.assign(new Error(read.fault), { statusCode: 400, code: read.fault }))
  })

  app.decorateRequest('span')
  app.decorateRequest('refused', null)
  app.decorateRequest('session', null)
  app.addHook('onRequest', async (request, reply) => {
    request.span = startSpan(tracer, request)
    reply.headers(headers).header('x-request-id', request.id)
    if (!isProper(request.raw, request.originalUrl))
      return sendRefusal(request, reply, refuse('invalid', { message: 'The request names no address here.' }))
    if (isEncoded(request))
      return sendRefusal(
        request,
        reply.header('accept-encoding', 'identity'),
        refuse('unsupported-media-type', { field: 'Content-Encoding', message: 'Send the body as it is.' }),
      )
    if (!isSigned(request) && isCrossOrigin(request.method, request.headers, publicUrl))
      return sendRefusal(request, reply, refuse('cross-origin'))
  })
  const [turns, waitTurns] =
    callsPerMinute === null ? [null, null] : [createTurns(options.callsAtOnce), createTurns(waitsAtOnce)]
  drainAtStop(app, {
    endWaits() {
      // What was accepted before the stop is answered while there is time.
      setTimeout(() => turns?.close(), turnsWithinMs).unref()
      waitTurns?.close()
      options.arrivals.close()
      options.streams?.close()
    },
  })
  app.addHook('onResponse', async (request, reply) => {
    const url = request.routeOptions.url ?? 'unknown'
    if (isProbe(url)) return
    // How long a request waited for a change says nothing about the service.
    const route = isWait(request) ? `${url}?after` : url
    countRefusal(request, reply, options.audit)
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
    const refusal = refusalOf(error, Number(reply.getHeader('retry-after')))
    if (refusal.refused === 'internal')
      log.error({ err: error, reqId: request.id, route: request.routeOptions.url }, 'a request failed')
    if (refusal.refused === 'unavailable') log.warn({ err: error, reqId: request.id }, 'could not serve a request')
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
    reply.header('allow', allowHeader(allowed))
    if (request.method === 'OPTIONS') return reply.code(204).send()
    return sendRefusal(request, reply, refuse('method-not-allowed'))
  })

  for (const route of routes)
    addRoute(app, route, options, { turnsFor: (request) => (isWait(request) ? waitTurns : turns) })

  app.get('/livez', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const trouble = await options.trouble()
    if (trouble !== null) return reply.code(503).send({ status: 'not ready', trouble })
    const bus = options.busTrouble()
    return reply.send({ status: 'ready', ...(bus === null ? {} : { bus }) })
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
    /** The code of the refusal, if the request was refused. */
    refused: RefusalCode | null
    session: Session | null
  }
  interface FastifyContextConfig {
    /** The caller is a machine that signs its requests. */
    signed?: true
    /** With `after` in the query, the answer waits for a change. */
    waits?: true
  }
}

const isWait = ({ routeOptions, query }: FastifyRequest) =>
  routeOptions.config.waits === true && (query as { after?: unknown }).after !== undefined

const isSigned = (request: FastifyRequest) => request.routeOptions.config.signed === true

/** Refusals that handlers record themselves, with more detail. */
const toldByHandlers = new Set<RefusalCode | null>([
  'invalid-credentials',
  'second-step-needed',
  'wrong-password',
  'wrong-code',
  'banned',
])

/** Records denied requests: those of strangers, for other people's things, and above the rate limit. */
function countRefusal(request: FastifyRequest, reply: FastifyReply, audit: Audit): void {
  const { refused, session, ip, method, routeOptions } = request
  if (![401, 403, 429].includes(reply.statusCode) || toldByHandlers.has(refused)) return
  const detail = `${method} ${routeOptions.url ?? 'unknown'}`
  audit.count({ session, client: { address: ip } }, { action: 'access', outcome: refused ?? 'refused', detail })
}

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
