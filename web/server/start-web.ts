/**
 * The web server is thin. It serves the files of the build and lets the app answer every other request
 * (answer-page.ts). It stores nothing but pages for a second, and accesses no database: the app is a client of
 * the API.
 */
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { drainAtStop } from '@aisle/http/drain'
import { securityHeaders } from '@aisle/http/headers'
import { isCrossOrigin } from '@aisle/http/origin'
import { ownProxies, proxiesOf } from '@aisle/http/proxies'
import { withoutSecret } from '@aisle/http/secret-path'
import { connectionBacklog, isEncoded, serverOptions } from '@aisle/http/server-options'
import { allowHeader, isProper } from '@aisle/http/target'
import { noTracer, type Tracer } from '@aisle/tracing/span'
import Fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest } from 'fastify'
import { answerPages } from './answer-page.ts'
import { buildApp } from './build-app.ts'
import { canonicalPath } from './canonical-path.ts'
import { isUtf8Form } from './form-text.ts'
import { securityText, securityTextPath } from './security-text.ts'
import { serveAssets } from './serve-assets.ts'
import { type Operator, readSitePages } from './site-pages.ts'
import type { Build } from './visit.ts'

/** At a stop, requests still running after this long are cut off. */
const DRAIN_MS = 5_000
/** The largest form is a ticket with a description of 4,000 characters. */
const LARGEST_FORM_BYTES = 64 * 1024

export interface WebOptions {
  /** 0 takes any free port. */
  port: number
  /** Default 127.0.0.1: this machine only. */
  host?: string
  /**
   * Origin of the API, or of the service that answers. A function, because a restarted service may listen
   * elsewhere.
   */
  apiUrl: string | ((service: ServiceName) => string)
  /** The public origin of the site. */
  publicUrl: string
  /** Origins of the payment provider's hosted page. */
  paymentOrigins: readonly string[]
  /** Like the setting TRUSTED_PROXIES: which proxies are trusted about the visitor. Default: this machine's. */
  trustedProxies?: string
  /** The contact for vulnerabilities: a `mailto:` or `https:` address. Without it there is no security.txt. */
  securityContact?: string
  /** A folder whose files replace the pages about the site: see site-pages.ts. Default: ours. */
  sitePagesDirectory?: string
  /** Who runs the site. Default: someone who looks at it on this machine. */
  operator?: Partial<Operator>
  logger: FastifyBaseLogger
  /** Default: no tracing. */
  tracer?: Tracer
  /** Directory of an existing build; without it one is made, or taken from the cache. */
  buildDirectory?: string
  /** The app itself instead of a build, and where its files are: for development. */
  live?: { build: Build; files: string }
}

export interface Web {
  readonly url: string
  /** Stops accepting connections and finishes requests under way, for at most 5 s. May be called more than once. */
  stop(): Promise<void>
}

/** @throws {EnvironmentError} when a page about the site cannot be shown */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { port, host = '127.0.0.1', publicUrl, apiUrl, paymentOrigins, logger, tracer = noTracer } = options
  const proxies = proxiesOf(options.trustedProxies ?? ownProxies)
  const headers = securityHeaders(publicUrl)
  const sitePages = await readSitePages({ folder: options.sitePagesDirectory, operator: options.operator })
  const { build, files } = options.live ?? (await load(options.buildDirectory ?? (await buildApp())))
  const app = Fastify({
    ...serverOptions(proxies, randomUUID),
    loggerInstance: logger,
    bodyLimit: LARGEST_FORM_BYTES,
    requestTimeout: 40_000,
    exposeHeadRoutes: true,
    trustProxy: proxies,
    frameworkErrors: (_error, request, reply) =>
      sendPlain((reply as FastifyReply).headers(headers).header('x-request-id', request.id), 404, nothingHere),
  })
  drainAtStop(app, { withinMs: DRAIN_MS })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id)
    if (!isProper(request.raw, request.originalUrl)) return sendPlain(reply, 400, 'This address is not valid.')
    if (isEncoded(request))
      return sendPlain(reply.header('accept-encoding', 'identity'), 415, 'Send the form without compression.')
    if (isCrossOrigin(request.method, request.headers, publicUrl))
      return sendPlain(reply, 403, 'This request came from another site, so nothing was done.')
  })
  app.addHook('preHandler', async (request, reply) => {
    if (request.body instanceof Buffer && !isUtf8Form(request.body, request.headers['content-type']))
      return sendPlain(reply, 400, 'This form is not encoded in UTF-8, so nothing was done.')
  })
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    // A malformed content type is 415 here; a body of another type that is not a form gets 400 from the page.
    const status = error.statusCode === 415 ? 400 : (error.statusCode ?? 500)
    if (status >= 500) logger.error({ err: error, reqId: request.id, url: withoutSecret(request.url) }, 'a page failed')
    return status === 413
      ? sendPlain(reply, 413, 'That was too much text.')
      : sendPlain(reply, status, 'Something went wrong. Go back and try again.')
  })
  const tellMethods = (request: FastifyRequest, reply: FastifyReply) => {
    const methods = build.methodsOf(request.url)
    if (!methods) return sendPlain(reply, 404, nothingHere)
    reply.header('allow', allowHeader(methods))
    if (request.method === 'OPTIONS') return reply.code(204).send()
    return sendPlain(reply, 405, 'This page does not support that method.')
  }
  app.setNotFoundHandler(tellMethods)
  app.get('/livez', async () => ({ status: 'ok' }))
  const { securityContact } = options
  if (securityContact)
    app.get(securityTextPath, (_request, reply) =>
      reply
        .type('text/plain; charset=utf-8')
        .header('cache-control', 'public, max-age=3600')
        .send(securityText(securityContact, publicUrl, new Date())),
    )
  await serveAssets(app, files)
  const serviceUrl = typeof apiUrl === 'string' ? () => apiUrl : apiUrl
  const answer = answerPages({ build, serviceUrl, publicUrl, paymentOrigins, sitePages, logger, tracer })
  const handler = (request: FastifyRequest, reply: FastifyReply) => {
    const canonical = canonicalPath(request.url)
    return canonical === null ? answer(request, reply) : reply.redirect(canonical, 308)
  }
  app.route({ method: ['GET', 'POST'], url: '/*', handler })

  await app.listen({ port, host, backlog: connectionBacklog })
  let stopping: Promise<void> | undefined
  return {
    url: `http://${host}:${(app.server.address() as AddressInfo).port}`,
    stop: () => {
      stopping ??= app.close()
      return stopping
    },
  }
}

const load = async (directory: string) => ({
  build: (await import(join(directory, 'server/index.js'))) as Build,
  files: join(directory, 'client'),
})

const nothingHere = 'There is nothing here.'

/** The common response headers are already set on `reply`. */
function sendPlain(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(sentence)
}
