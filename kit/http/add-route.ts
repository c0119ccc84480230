// One route of a service: from the HTTP request to the handler's input, and from its result to the answer.

import type { Endpoint } from '@aisle/contracts/endpoint'
import type { RefusalCode } from '@aisle/contracts/refusals'
import { clearSiteData } from '@aisle/http/headers'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checker } from '../check.ts'
import { isRefusal, type Refusal, refuse } from '../errors.ts'
import { isKnown } from './etag.ts'
import { fingerprint, type Key, type Stored } from './idempotency.ts'
import type { HttpOptions } from './options.ts'
import type { Request, Route } from './route.ts'
import { type AnsweringRoute, runRoute } from './run-route.ts'
import { sendRefusal } from './send-refusal.ts'
import { cookieValues, deviceCookie, isFresh, type Session, sessionCookie } from './session.ts'
import type { Subscription } from './stream.ts'
import type { Turns } from './turns.ts'

/** Payment providers and the like send whole objects in their signed calls. */
const signedBodyLimitBytes = 1024 * 1024

/** Calls with a bad signature that one address may make per minute: each costs a hash and a log line. */
const badSignaturesPerMinute = 30
const minuteMs = 60_000

/**
 * Makes `app` serve the route's endpoint. `turnsFor` tells what limits the concurrent requests of one client; null for
 * no limit.
 */
export function addRoute<S>(
  app: FastifyInstance,
  route: Route<S>,
  options: HttpOptions<S>,
  { turnsFor }: { turnsFor: (request: FastifyRequest) => Turns | null },
): void {
  const { endpoint } = route
  const { service, db, sessions, log, now, metrics, callsPerMinute, fingerprintSecret, adminsNeedSecondFactor } =
    options
  const badSignatures = countBadSignatures(options)
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
    config: { ...limit, ...(endpoint.signed ? { signed: true } : {}), ...(endpoint.waits ? { waits: true } : {}) },
    ...(endpoint.signed ? { bodyLimit: signedBodyLimitBytes } : {}),
    // The contract's schema for success: any other field that a handler returns does not leave the service.
    schema: endpoint.success.body === null ? {} : { response: { [endpoint.success.status]: endpoint.success.body } },
    handler: async (http, reply) => {
      const found = await sessions.find(cookieValues(http.headers.cookie, cookieName))
      http.session = found?.session ?? null
      const turns = turnsFor(http)
      const endTurn = turns && (await turns.take(http.session?.userId ?? http.ip))
      if (turns && !endTurn) return sendRefusal(http, reply, refuse('unavailable'))
      try {
        // The client has gone away while the request waited. Nothing was begun.
        if (http.raw.socket.destroyed) return reply.hijack()
        return await answer(http, reply, found?.token)
      } finally {
        endTurn?.()
      }
    },
  })

  /** `token` is the token of the request's session. */
  async function answer(http: FastifyRequest, reply: FastifyReply, token: string | undefined) {
    const input = accept(http, http.session)
    if (isRefusal(input)) {
      metrics.refusals.inc({ route: endpoint.path, code: input.refused })
      return sendRefusal(http, reply, input)
    }
    const { request, key } = input
    if (route.kind === 'stream') return openStream(http, reply, token, await route.handle(request, service))
    const wait = badSignatures.waitOf(http)
    if (wait !== null) {
      reply.header('retry-after', wait)
      return sendRefusal(http, reply, refuse('too-many-requests'))
    }
    const { stored, replayed } = await runRoute({ db, route: route as AnsweringRoute<S>, request, service, key })
    if (stored.status >= 400) {
      const { code } = stored.body as { code: RefusalCode }
      http.refused = code
      metrics.refusals.inc({ route: endpoint.path, code })
      if (code === 'bad-signature') badSignatures.add(http)
    }
    if (replayed) reply.header('idempotent-replayed', 'true')
    return send(http, reply, stored)
  }

  async function openStream(
    http: FastifyRequest,
    reply: FastifyReply,
    token: string | undefined,
    subscription: Subscription | Refusal,
  ) {
    const { streams } = options
    if (!streams)
      throw new Error(`${endpoint.path} is a stream, but the service does not say what its messages are about.`)
    const refused = (refusal: Refusal) => {
      metrics.refusals.inc({ route: endpoint.path, code: refusal.refused })
      return sendRefusal(http, reply, refusal)
    }
    if (isRefusal(subscription)) return refused(subscription)
    if (http.method === 'HEAD') return reply.type('text/event-stream').send()
    const place = streams.take({ address: http.ip, session: http.session?.userId ?? null })
    if (!place) {
      reply.header('retry-after', streams.retryAfterSeconds())
      return refused(refuse('too-many-streams'))
    }
    const last = http.headers['last-event-id']
    const headers = Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]))
    reply.hijack()
    await streams
      .open(reply.raw, {
        place,
        address: http.url,
        subscription,
        headers,
        lastEventId: typeof last === 'string' ? last : undefined,
        stillAllowed: async () => endpoint.who === 'anyone' || (await sessions.verify(token)) !== null,
      })
      .catch((error: unknown) => {
        log.error({ err: error, reqId: http.id, route: endpoint.path }, 'could not open a stream')
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
    if (endpoint.who === 'admin' && adminsNeedSecondFactor && !session?.hasSecondFactor)
      return refuse('second-factor-needed')
    if (endpoint.fresh && !(session && isFresh(session, now()))) return refuse('proof-needed')
    const query = checks.query ? checks.query(http.query) : { ok: true as const, value: undefined }
    if (!query.ok) return { ...refuse('invalid'), errors: query.faults }
    if (!checks.body && !isEmpty(http.body)) return refuse('invalid', { message: 'This address takes no body.' })
    const body = checks.body
      ? checks.body(http.body === undefined ? {} : http.body)
      : { ok: true as const, value: undefined }
    if (!body.ok) return { ...refuse('invalid'), errors: body.faults }
    const key = unsafe && !endpoint.signed ? readKey(http, session, body.value) : null
    if (isRefusal(key)) return key
    const request = {
      params: params.value,
      query: query.value,
      body: body.value,
      session: session && withRole(session, adminsNeedSecondFactor),
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

  function readKey(http: FastifyRequest, session: Session | null, body: unknown): Key | null | Refusal {
    const key = http.headers['idempotency-key']
    if (key === undefined) return null
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key))
      return refuse('invalid', { field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' })
    return {
      // Anonymous clients at different addresses do not share their keys.
      scope: session?.userId ?? `anonymous ${http.ip}`,
      key,
      fingerprint: fingerprint(fingerprintSecret, http.method, http.url, body),
      secret: endpoint.personal ? fingerprintSecret : null,
    }
  }

  const dropSession = (reply: FastifyReply) => reply.clearCookie(cookieName, cookieOptions).headers(clearSiteData)

  async function send(http: FastifyRequest, reply: FastifyReply, stored: Stored) {
    if (stored.signIn) {
      if (!options.issue) throw new Error(`${endpoint.path} signs in, but this service cannot sign sessions.`)
      const token = await options.issue(stored.signIn)
      if (token === null) dropSession(reply)
      else reply.setCookie(cookieName, token, cookieOptions)
      if (stored.signIn.device) reply.setCookie(device.name, stored.signIn.device, device.options)
    }
    if (stored.signIn === null) dropSession(reply)
    reply.code(stored.status).headers(stored.headers)
    if (endpoint.who !== 'anyone' || stored.signIn !== undefined) reply.header('cache-control', 'no-store')
    const [known, tag] = [http.headers['if-none-match'], stored.headers.etag]
    if (endpoint.tagged && !unsafe && known !== undefined && tag !== undefined && isKnown(known, tag))
      return reply.code(304).send()
    return stored.status === 204 ? reply.send() : reply.send(stored.body)
  }
}

/** To what users and admins may do, an admin without a second factor that is needed comes as a user. */
const withRole = (session: Session, adminsNeedSecondFactor: boolean): Session =>
  adminsNeedSecondFactor && !session.hasSecondFactor ? { ...session, role: 'user' } : session

/** Counts the bad signatures of each address on a signed endpoint, and tells how long an address must wait. */
function countBadSignatures({ callsPerMinute, rateCounts }: Pick<HttpOptions<never>, 'callsPerMinute' | 'rateCounts'>) {
  const keyOf = ({ ip }: FastifyRequest) => `bad signatures ${ip}`
  return {
    add(http: FastifyRequest): void {
      rateCounts.add(keyOf(http), minuteMs, badSignaturesPerMinute)
    },
    /** Seconds until the caller may try again, or null when it need not wait. */
    waitOf(http: FastifyRequest): number | null {
      if (callsPerMinute === null || http.routeOptions.config.signed !== true) return null
      const { current, ttl } = rateCounts.read(keyOf(http))
      return current >= badSignaturesPerMinute ? Math.ceil(ttl / 1000) : null
    },
  }
}

/** Some clients send `{}` instead of no body. */
const isEmpty = (body: unknown): boolean =>
  body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0)
