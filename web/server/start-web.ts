/**
 * The web server: thin. It serves the files of the build, turns each other request into one of the Fetch standard for the app (app/render.ts), and puts
 * the headers on the answer that every page has. It keeps no state and reaches no database: the app is a client of the API.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ServiceName } from '@aisle/contracts/endpoint'
import Fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { buildApp } from './build-app.ts'
import { isCrossOrigin } from './cross-origin.ts'
import { cacheControl, plainHeaders, securityHeaders } from './page-headers.ts'
import { serveAssets } from './serve-assets.ts'
import type { Render, Visit } from './visit.ts'

/** After this long, requests that are still running at a stop are cut off. */
const DRAIN_MS = 5_000
/** The largest form is a ticket with a description of 4,000 characters. */
const LARGEST_FORM_BYTES = 64 * 1024

export interface WebOptions {
  /** 0 takes any free port. */
  port: number
  /** Default 127.0.0.1: this machine only. */
  host?: string
  /** Origin of the API, or of the service that answers. A function, because a service that starts again may listen elsewhere. */
  apiUrl: string | ((service: ServiceName) => string)
  /** Origin by which people reach the site. */
  publicUrl: string
  /** Origins of the payment provider's hosted page. */
  paymentOrigins: readonly string[]
  logger: FastifyBaseLogger
  /** Directory of a build that was made before; without it one is made, or taken from the cache. */
  buildDirectory?: string
}

export interface Web {
  readonly url: string
  /** Takes no more connections, finishes what is under way, at most for 5 s. May be called more than once. */
  stop(): Promise<void>
}

export async function startWeb(options: WebOptions): Promise<Web> {
  const { port, host = '127.0.0.1', publicUrl, apiUrl, paymentOrigins, logger } = options
  const directory = options.buildDirectory ?? (await buildApp())
  const { render } = (await import(join(directory, 'server/index.js'))) as { render: Render }
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: LARGEST_FORM_BYTES,
    requestTimeout: 40_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: true,
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (isCrossOrigin(request.method, request.headers, publicUrl))
      return sendPlain(reply, 403, 'This came from another site, so nothing was done.')
  })
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) logger.error({ err: error, reqId: request.id, url: request.url }, 'a page failed')
    return status === 413
      ? sendPlain(reply, 413, 'That was too much text.')
      : sendPlain(reply, status, 'Something went wrong. Go back and try again.')
  })
  app.setNotFoundHandler((_request, reply) => sendPlain(reply, 405, 'Pages are looked at, and forms are posted.'))
  app.get('/livez', async () => ({ status: 'ok' }))
  await serveAssets(app, join(directory, 'client'))
  app.route({ method: ['GET', 'POST'], url: '/*', handler: page })

  async function page(request: FastifyRequest, reply: FastifyReply) {
    const nonce = randomBytes(16).toString('base64')
    const { cookie = '' } = request.headers
    const visit: Visit = {
      path: pagePath(request.url),
      serviceUrl: typeof apiUrl === 'string' ? () => apiUrl : apiUrl,
      publicUrl,
      nonce,
      requestId: request.id,
      headers: { cookie, acceptLanguage: request.headers['accept-language'] ?? '', forwarded: forwardedOf(request) },
      setCookies: [],
      failed: (error) => logger.error({ err: error, reqId: request.id, url: request.url }, 'a page failed'),
    }
    const response = await render(toFetchRequest(request, publicUrl), visit)
    reply.code(response.status)
    for (const [name, value] of response.headers) if (name !== 'set-cookie') reply.header(name, value)
    const setCookies = [...response.headers.getSetCookie(), ...visit.setCookies]
    if (setCookies.length > 0) reply.header('set-cookie', setCookies)
    reply.headers(securityHeaders(nonce, publicUrl, paymentOrigins))
    if (!response.headers.has('cache-control')) {
      const shown = { method: request.method, path: visit.path, status: response.status }
      reply.header('cache-control', cacheControl({ ...shown, cookie, setsCookie: setCookies.length > 0 }))
    }
    reply.header('vary', 'Cookie, Accept-Language')
    const body = Buffer.from(await response.arrayBuffer())
    return body.length > 0 ? reply.send(body) : reply.send()
  }

  await app.listen({ port, host })
  let stopping: Promise<void> | undefined
  const stop = async () => {
    const idle = setInterval(() => app.server.closeIdleConnections(), 20)
    const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
    await app.close()
    clearInterval(idle)
    clearTimeout(cut)
  }
  return {
    url: `http://${host}:${(app.server.address() as AddressInfo).port}`,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

/** The page that a request is about; a request for its data alone is about the same page. */
function pagePath(url: string): string {
  const { pathname, searchParams } = new URL(`http://page${url}`)
  searchParams.delete('_routes')
  const path = pathname.replace(/(\/_)?\.data$/, '') || '/'
  return searchParams.size > 0 ? `${path}?${searchParams}` : path
}

/** What the services must know about the caller: its address, for their limits. */
function forwardedOf(request: FastifyRequest): Record<string, string> {
  const { headers, socket } = request.raw
  const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined)
  return {
    'x-forwarded-for': text('x-forwarded-for') ?? socket.remoteAddress ?? '',
    'x-forwarded-proto': text('x-forwarded-proto') ?? 'http',
    'x-forwarded-host': text('x-forwarded-host') ?? text('host') ?? '',
  }
}

function toFetchRequest(request: FastifyRequest, publicUrl: string): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    // The origin was checked above, by rules that know of proxies; the framework would compare it with the address alone.
    if (name === 'origin' || value === undefined) continue
    for (const one of [value].flat()) headers.append(name, one)
  }
  // Put together, not resolved: `//elsewhere` is a path here.
  return new Request(`${new URL(publicUrl).origin}${request.url}`, {
    method: request.method,
    headers,
    ...(request.body instanceof Buffer ? { body: new Uint8Array(request.body) } : {}),
  })
}

function sendPlain(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return reply.code(status).headers(plainHeaders).type('text/plain; charset=utf-8').send(sentence)
}
