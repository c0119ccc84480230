// Turns a request for a page into bytes and headers. A page that is the same for all signed-out visitors, or
// for all members, is rendered at most once a second and compressed once: a crowd on one page costs as much as
// one visitor.

import { randomBytes } from 'node:crypto'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { clearSiteData } from '@aisle/http/headers'
import { holdsSecret, withoutSecret } from '@aisle/http/secret-path'
import { allowHeader } from '@aisle/http/target'
import type { Span, Tracer } from '@aisle/tracing/span'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { acceptedEncoding, compress, type Encoding } from './compress.ts'
import { nameScripts } from './inline-scripts.ts'
import { cacheControl, isForEveryone, isShared, pageHeaders, personalHeaders, secretHeaders } from './page-headers.ts'
import { remember } from './remember.ts'
import { endsSession } from './signed-in.ts'
import type { SitePages } from './site-pages.ts'
import type { Audience, Build, Visit } from './visit.ts'

const keptMs = 1_000
/** About 100 kB each. */
const mostKept = 200
/** Anything smaller is one packet either way. */
const worthCompressingBytes = 1_400

type PagesOptions = {
  build: Build
  serviceUrl: (service: ServiceName) => string
  publicUrl: string
  paymentOrigins: readonly string[]
  sitePages: SitePages
  logger: FastifyBaseLogger
  tracer: Tracer
}

type Page = {
  status: number
  headers: Record<string, string | string[]>
  body: Buffer
  /** The compressed versions that exist or are being created. */
  encoded: Partial<Record<Encoding, Promise<Buffer>>>
}
type Rendered = Page & { nonce: string }

/** The handler of every page. */
export function answerPages(options: PagesOptions) {
  const { build, serviceUrl, publicUrl, paymentOrigins, sitePages, logger, tracer } = options
  const kept = remember<Page>({ forMs: keptMs, most: mostKept })

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const span = startSpan(tracer, request)
    try {
      return await answer(request, reply, span)
    } catch (error) {
      span.fail(error)
      throw error
    } finally {
      span.set('http.response.status_code', reply.statusCode)
      span.end()
    }
  }

  async function answer(request: FastifyRequest, reply: FastifyReply, span: Span): Promise<FastifyReply> {
    const { cookie = '', 'accept-language': acceptLanguage = '' } = request.headers
    const language = build.languageOf(cookie, acceptLanguage)
    const path = pagePath(request.url)
    const asked = { method: request.method, path, cookie }
    if (request.method !== 'GET' || !isShared(asked))
      return send(request, reply, await render(request, visitOf(request, span, path, language, cookie)))
    if (isForEveryone(asked)) return send(request, reply, await sharedPage(request, span, path, language, 'stranger'))
    // The user is checked on every visit; the page is then the one shared by that audience.
    const visit = visitOf(request, span, path, language, cookie)
    const audience = await build.audienceOf(visit)
    const page = await sharedPage(request, span, path, language, audience)
    return send(request, reply, { ...page, headers: { ...page.headers, ...personalHeaders(visit.setCookies) } })
  }

  /** It depends on the caller's language and audience only. */
  async function sharedPage(
    request: FastifyRequest,
    span: Span,
    path: string,
    language: string,
    audience: Audience,
  ): Promise<Page> {
    const make = () => render(request, { ...visitOf(request, span, path, language, ''), audience })
    // The first reader gets the page even if it cannot be shared, such as a page that is not found.
    let own: Page | undefined
    const page = await kept(`${audience} ${language} ${request.url}`, async () => {
      const rendered = await make()
      own = rendered
      return forEveryone(rendered, path)
    })
    return page ?? own ?? (await make())
  }

  function visitOf(request: FastifyRequest, span: Span, path: string, language: string, cookie: string): Visit {
    return {
      path,
      serviceUrl,
      publicUrl,
      language,
      nonce: randomBytes(16).toString('base64'),
      requestId: request.id,
      traceparent: span.traceparent,
      headers: { cookie, forwarded: forwardedOf(request) },
      setCookies: [],
      sitePage: (name) => sitePages(name, language),
      failed: (error) =>
        logger.error({ err: error, reqId: request.id, url: withoutSecret(request.url) }, 'a page failed'),
    }
  }

  async function render(request: FastifyRequest, visit: Visit): Promise<Rendered> {
    const { path, nonce, audience, headers } = visit
    const response = await build.render(toFetchRequest(request, publicUrl, audience !== undefined), visit)
    const { status } = response
    const setCookies = [...response.headers.getSetCookie(), ...visit.setCookies]
    const shown = { method: request.method, path, status, cookie: headers.cookie, isData: isData(request.url) }
    return {
      status,
      headers: {
        'cache-control': cacheControl({ ...shown, setsCookie: setCookies.length > 0 }),
        ...Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie')),
        ...charsetOf(response.headers.get('content-type')),
        ...(setCookies.length > 0 ? { 'set-cookie': setCookies } : {}),
        ...(setCookies.some(endsSession) ? clearSiteData : {}),
        ...(status === 405 ? { allow: allowHeader(build.methodsOf(path) ?? []) } : {}),
        ...pageHeaders([`'nonce-${nonce}'`], publicUrl, paymentOrigins, path.split('?', 1)[0]!),
        ...(holdsSecret(path) ? secretHeaders : {}),
        vary: 'Cookie, Accept-Language, Accept-Encoding',
      },
      body: Buffer.from(await response.arrayBuffer()),
      encoded: {},
      nonce,
    }
  }

  /** The page as anyone in its audience may have it, or null. */
  function forEveryone({ nonce, status, headers, body }: Rendered, path: string): Page | null {
    if (status !== 200 || 'set-cookie' in headers) return null
    const named = nameScripts(body.toString(), nonce)
    return (
      named && {
        status,
        headers: { ...headers, ...pageHeaders(named.sources, publicUrl, paymentOrigins, path) },
        body: Buffer.from(named.page),
        encoded: {},
      }
    )
  }
}

async function send(request: FastifyRequest, reply: FastifyReply, page: Page): Promise<FastifyReply> {
  const { status, headers, body, encoded } = page
  reply.code(status).headers(headers)
  if (body.length === 0) return reply.send()
  const encoding =
    body.length < worthCompressingBytes ? null : acceptedEncoding(request.headers['accept-encoding']?.toString())
  if (!encoding) return reply.send(body)
  encoded[encoding] ??= compress(body, encoding)
  const bytes = await encoded[encoding]
  return reply.header('content-encoding', encoding).send(bytes)
}

const ids = /[0-9a-f]{8}-[0-9a-f-]{27}/g

function startSpan(tracer: Tracer, { method, url, id, headers }: FastifyRequest): Span {
  const path = withoutSecret(url.split('?', 1)[0] ?? '/')
  return tracer.startSpan(`${method} ${path.replaceAll(ids, ':id')}`, {
    kind: 'server',
    parent: typeof headers.traceparent === 'string' ? headers.traceparent : undefined,
    attributes: { 'http.request.method': method, 'url.path': path, 'aisle.request_id': id },
  })
}

/** Whether an open page requests only its data. */
const isData = (url: string) => /\.data(\?|$)/.test(url)

/** The page that a request is about; a data request is about the same page. */
function pagePath(url: string): string {
  if (!isData(url) && !url.includes('_routes=')) return url
  const { pathname, searchParams } = new URL(`http://page${url}`)
  searchParams.delete('_routes')
  const path = pathname.replace(/(\/_)?\.data$/, '') || '/'
  return searchParams.size > 0 ? `${path}?${searchParams}` : path
}

/**
 * What the services must know about the caller: its address, for their limits, and its user agent, for the list
 * of the user's devices.
 */
function forwardedOf(request: FastifyRequest): Record<string, string> {
  return {
    'user-agent': request.headers['user-agent'] ?? '',
    'x-forwarded-for': request.ip,
    'x-forwarded-proto': request.protocol,
    'x-forwarded-host': request.host,
  }
}

function toFetchRequest(request: FastifyRequest, publicUrl: string, isAnyones: boolean): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(isAnyones ? {} : request.headers)) {
    // The server has checked the origin with rules that account for proxies; the framework would compare it
    // only with the URL.
    if (name === 'origin' || value === undefined) continue
    for (const one of [value].flat()) headers.append(name, one)
  }
  // Concatenated, not resolved: `//elsewhere` is a path here.
  return new Request(`${new URL(publicUrl).origin}${request.url}`, {
    method: request.method,
    headers,
    ...(request.body instanceof Buffer ? { body: new Uint8Array(request.body) } : {}),
  })
}

/** React Router sends data as text without a charset. */
const charsetOf = (type: string | null) =>
  type?.startsWith('text/') && !type.includes('charset') ? { 'content-type': `${type}; charset=utf-8` } : {}
