// One route of a service: from the HTTP request to the handler's input, and from its result to the answer.

import type { Endpoint } from '@aisle/contracts/endpoint'
import type { RefusalCode } from '@aisle/contracts/refusals'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checker } from '../check.ts'
import { isRefusal, type Refusal, refuse } from '../errors.ts'
import { cookieValues, deviceCookie, type Session, sessionCookie } from '../session.ts'
import { fingerprint, type Key, type Stored } from './idempotency.ts'
import type { HttpOptions } from './options.ts'
import type { Request, Route } from './route.ts'
import { type AnsweringRoute, runRoute } from './run-route.ts'
import { sendRefusal } from './send-refusal.ts'
import type { Subscription } from './stream.ts'

/** What a provider signs carries whole objects of its own. */
const signedBodyLimitBytes = 1024 * 1024

/** Makes `app` answer the route's endpoint. */
export function addRoute<S>(app: FastifyInstance, route: Route<S>, options: HttpOptions<S>): void {
  const { endpoint } = route
  const { service, db, sessions, log, now, metrics, callsPerMinute, fingerprintSecret } = options
  const { name: cookieName, options: cookieOptions } = sessionCookie(options.publicUrl)
  const device = deviceCookie(options.publicUrl)
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
      const found = await sessions.find(cookieValues(http.headers.cookie, cookieName))
      http.session = found?.session ?? null
      const input = accept(http, http.session)
      if (isRefusal(input)) {
        metrics.refusals.inc({ route: endpoint.path, code: input.refused })
        return sendRefusal(http, reply, input)
      }
      const { request, key } = input
      if (route.kind === 'stream') return openStream(http, reply, await route.handle(request, service), found?.token)
      const { stored, replayed } = await runRoute({ db, route: route as AnsweringRoute<S>, request, service, key })
      if (stored.status >= 400) {
        const { code } = stored.body as { code: RefusalCode }
        http.refused = code
        metrics.refusals.inc({ route: endpoint.path, code })
      }
      if (replayed) reply.header('idempotent-replayed', 'true')
      return send(reply, stored)
    },
  })

  async function openStream(
    http: FastifyRequest,
    reply: FastifyReply,
    subscription: Subscription | Refusal,
    token: string | undefined,
  ) {
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
        stillAllowed: async () => endpoint.who === 'anyone' || (await sessions.verify(token)) !== null,
      })
      .catch((error: unknown) => {
        log.error({ err: error, reqId: http.id, route: endpoint.path }, 'a stream could not be opened')
        reply.raw.destroy()
      })
    return reply
  }

  function accept(
    http: FastifyRequest,
    session: Session | null,
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
      client: {
        address: http.ip,
        userAgent: http.headers['user-agent'] ?? null,
        device: http.cookies[device.name] ?? null,
      },
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
      const token = await options.issue(stored.signIn)
      if (token === null) reply.clearCookie(cookieName, cookieOptions)
      else reply.setCookie(cookieName, token, cookieOptions)
      if (stored.signIn.device) reply.setCookie(device.name, stored.signIn.device, device.options)
    }
    if (stored.signIn === null) reply.clearCookie(cookieName, cookieOptions)
    reply.code(stored.status).headers(stored.headers)
    if (endpoint.who !== 'anyone' || stored.signIn !== undefined) reply.header('cache-control', 'no-store')
    return stored.status === 204 ? reply.send() : reply.send(stored.body)
  }
}
