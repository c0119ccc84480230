/**
 * The front door: the one address that people and their programs use. It forwards each call to its service and
 * everything else to the pages, reports whether the whole is ready, and shows the documents. It answers on its own
 * only when nothing else can.
 */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Problem } from '@aisle/contracts/endpoint'
import type { Heard } from '@aisle/contracts/message-catalogue'
import { drainAtStop } from '@aisle/http/drain'
import { securityHeaders } from '@aisle/http/headers'
import { withoutSecret } from '@aisle/http/secret-path'
import { connectionBacklog, serverOptions } from '@aisle/http/server-options'
import { isProper } from '@aisle/http/target'
import { refuse } from '@aisle/kit/errors'
import { refuseNonsense } from '@aisle/kit/http/client-error'
import { problemOf, problemType } from '@aisle/kit/http/problem'
import type { Log } from '@aisle/kit/log'
import { noTracer, type Span, type Tracer } from '@aisle/tracing/span'
import Fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest } from 'fastify'
import { addDocsPage } from './docs-page.ts'
import { forward, isStream, openConnections, openStreamConnections } from './forward.ts'

const DRAIN_MS = 5_000
/** The front door speaks plain HTTP; a proxy that ends TLS before it sets its own header. */
const headers = securityHeaders('http:')
const READINESS_TIMEOUT_MS = 2_000

/** Origin of a service, or of its replicas in the order in which to try them; a function where it can change. */
type Address = string | (() => string | readonly string[])

export interface FrontDoorOptions {
  /** 0 takes any free port. */
  port: number
  /** Default 127.0.0.1: this machine only. */
  host?: string
  /** The service that answers a path and everything below it. */
  routes: { prefix: string; upstream: Address }[]
  /** The services by name, for readiness and the documents. */
  services: { name: string; url: Address }[]
  /** Which messages each service consumes, for the page about messages. Default: none is known to consume any. */
  heard?: Heard
  /** The server for everything that is not under /api. Without it such requests get 404. */
  pages?: Address
  /**
   * Whether callers are trusted proxies, whose headers about their clients are kept. Default: none is trusted,
   * since the front door is the outermost hop.
   */
  trusted?: boolean
  /** Milliseconds after which requests that are still running at a stop are cut off. Default: 5,000. */
  drainMs?: number
  logger: Log
  /** Default: nothing is traced. */
  tracer?: Tracer
}

export interface FrontDoor {
  readonly url: string
  readonly port: number
  /**
   * Accepts no more connections and finishes running requests, for at most `drainMs`. May be called more than once.
   */
  stop(): Promise<void>
}

/**
 * Listens on `port`.
 * @throws an Error of one clear sentence, with its cause, when the port is in use or needs more rights
 */
export async function startFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const { port, host = '127.0.0.1', routes, services, pages, trusted = false, logger, tracer = noTracer } = options
  const { drainMs = DRAIN_MS, heard = [] } = options
  const agent = openConnections()
  const streamAgent = openStreamConnections()
  const streams = new Set<ServerResponse>()
  const app = Fastify({
    ...serverOptions(() => trusted, randomUUID),
    loggerInstance: logger as FastifyBaseLogger,
    requestTimeout: 40_000,
    frameworkErrors: (_error, request, reply) => sendProblem(request, reply as FastifyReply, 'not-found'),
    clientErrorHandler: refuseNonsense(headers),
  })

  drainAtStop(app, {
    // Pages that listen reconnect on their own, to whatever serves them then.
    endWaits() {
      for (const response of streams) response.end()
    },
    withinMs: drainMs,
  })
  app.addHook('onRequest', async (request, reply) => {
    if (!isProper(request.raw, request.originalUrl)) return sendProblem(request, reply, 'invalid')
  })

  const send =
    (address: Address, refused = refuseCall) =>
    (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack()
      const stays = isStream(request.url)
      if (stays) {
        streams.add(reply.raw)
        reply.raw.once('close', () => streams.delete(reply.raw))
      }
      const span = stays || request.url.startsWith('/assets/') ? null : startSpan(request, reply)
      forward(request.raw, reply.raw, {
        agent: stays ? streamAgent : agent,
        origins: originsOf(address),
        requestId: request.id,
        trusted,
        traceparent: span?.traceparent,
        refused: (code, error) => {
          if (error)
            logger.warn({ err: error, reqId: request.id, url: withoutSecret(request.url) }, 'a service did not answer')
          refused(reply, problemOf(refuse(code), request.id))
        },
      })
    }
  const documents = services.map(({ name, url }) => ({ path: `/api/${name}/openapi.json`, upstream: url }))
  const below = routes.flatMap(({ prefix, upstream }) => [
    { path: prefix, upstream },
    { path: `${prefix}/*`, upstream },
  ])
  for (const { path, upstream } of [...documents, ...below]) {
    // In onRequest, so that Fastify has not touched the body; the handler is never reached.
    app.all(path, { onRequest: send(upstream) }, () => {})
  }

  if (pages) {
    for (const path of ['/api', '/api/*']) app.all(path, (request, reply) => sendProblem(request, reply, 'not-found'))
    for (const path of ['/', '/*']) app.all(path, { onRequest: send(pages, refusePage) }, () => {})
  }

  app.get('/livez', async (_request, reply) => reply.headers(headers).send({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const found = await Promise.all(
      services.map(async ({ name, url }) => [name, await readiness(originsOf(url)[0] ?? '')] as const),
    )
    const notReady = found.filter(([, { ready }]) => !ready).map(([name]) => name)
    return reply
      .code(notReady.length === 0 ? 200 : 503)
      .headers(headers)
      .send({
        status: notReady.length === 0 ? 'ready' : 'not ready',
        ...(notReady.length === 0 ? {} : { notReady }),
        services: Object.fromEntries(found.map(([name, { answer }]) => [name, answer])),
      })
  })
  addDocsPage(
    app,
    services.map(({ name }) => name),
    heard,
  )
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, 'not-found'))
  app.setErrorHandler((error, request, reply) => {
    logger.error({ err: error, reqId: request.id }, 'the front door failed')
    return sendProblem(request, reply, 'internal')
  })

  /** From the first byte that came in to the last that went out. */
  function startSpan({ method, routeOptions, headers, id }: FastifyRequest, { raw }: FastifyReply): Span {
    const { traceparent } = headers
    const span = tracer.startSpan(`${method} ${routeOptions.url}`, {
      kind: 'server',
      parent: trusted && typeof traceparent === 'string' ? traceparent : undefined,
      attributes: { 'http.request.method': method, 'http.route': routeOptions.url ?? '', 'aisle.request_id': id },
    })
    raw.once('close', () => {
      span.set('http.response.status_code', raw.statusCode)
      if (raw.statusCode >= 500) span.fail(`answered ${raw.statusCode}`)
      span.end()
    })
    return span
  }

  async function readiness(origin: string): Promise<{ ready: boolean; answer: unknown }> {
    try {
      const { statusCode, body } = await agent.request({
        origin,
        path: '/readyz',
        method: 'GET',
        signal: AbortSignal.timeout(READINESS_TIMEOUT_MS),
      })
      return { ready: statusCode === 200, answer: await body.json() }
    } catch {
      return { ready: false, answer: { status: 'unreachable' } }
    }
  }

  try {
    await app.listen({ port, host, backlog: connectionBacklog })
  } catch (error) {
    await Promise.all([agent.destroy(), streamAgent.destroy()])
    throw inOneSentence(error as NodeJS.ErrnoException, port)
  }
  const { port: bound } = app.server.address() as AddressInfo
  let stopping: Promise<void> | undefined
  const stop = async () => {
    await app.close()
    await Promise.all([agent.destroy(), streamAgent.destroy()])
  }
  return {
    url: `http://${host}:${bound}`,
    port: bound,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

function originsOf(address: Address): readonly string[] {
  return [typeof address === 'string' ? address : address()].flat()
}

function refuseCall({ raw }: FastifyReply, problem: Problem): void {
  raw.writeHead(problem.status, ownHeaders(problem.requestId)).end(JSON.stringify(problem))
}

/** For people, when the pages do not answer: it reloads on its own. */
function refusePage({ raw }: FastifyReply, { status, title, requestId }: Problem): void {
  raw.writeHead(status, ownHeaders(requestId, 'text/html; charset=utf-8'))
  raw.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5"><title>Aisle</title><h1>Aisle</h1><p>${title}</p></html>`,
  )
}

function ownHeaders(requestId: string, type: string = problemType): Record<string, string> {
  return { ...headers, 'content-type': type, 'x-request-id': requestId }
}

function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: 'invalid' | 'not-found' | 'internal',
): FastifyReply {
  const problem = problemOf(refuse(code), request.id)
  return reply
    .code(problem.status)
    .headers(ownHeaders(request.id))
    .send(Buffer.from(JSON.stringify(problem)))
}

function inOneSentence(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} is in use; stop what uses it or set PORT`, { cause: error })
  if (error.code === 'EACCES')
    return new Error(`Port ${port} needs more rights than we have; set PORT to 1024 or more`, { cause: error })
  return error
}
