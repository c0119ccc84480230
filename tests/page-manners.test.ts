// How the web server itself answers unusual or malformed requests, since other proxies than ours may be in
// front of it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLog } from '@aisle/kit/log'
import { startWeb, type Web, type WebOptions } from '@aisle/web/server/start-web'
import { afterAll, describe, expect, it } from 'vitest'
import { missingHeaders, rawRequest, wrongTargets } from './raw-request.ts'

const publicUrl = 'https://aisle.test'
const closers: (() => unknown)[] = []
const asked: IncomingMessage[] = []
const started = new Map<string, Promise<Web>>()

/** A web server whose API knows no users, and records its requests. */
function web(options: Partial<WebOptions> = {}): Promise<Web> {
  const name = JSON.stringify(options)
  const known = started.get(name) ?? start(options)
  started.set(name, known)
  return known
}

async function start(options: Partial<WebOptions>): Promise<Web> {
  const api = createServer((request, response) => {
    asked.push(request)
    const isSignOut = request.url === '/api/users/signout'
    if (isSignOut) response.setHeader('set-cookie', '__Host-session=; Max-Age=0; Path=/')
    response.setHeader('content-type', 'application/json').end(isSignOut ? '{}' : '{"currentUser":null}')
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const server = await startWeb({
    port: 0,
    apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    publicUrl,
    paymentOrigins: [],
    logger: createLog('test', process.env.TEST_LOG ?? 'silent'),
    ...options,
  })
  closers.push(() => server.stop().then(() => api.close()))
  return server
}
afterAll(async () => void (await Promise.all(closers.map((close) => close()))))

const ask = async (path: string, init: RequestInit = {}) =>
  fetch(`${(await web()).url}${path}`, { redirect: 'manual', ...init })
const form = 'application/x-www-form-urlencoded'
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  ask(path, { method: 'POST', body, headers: { 'content-type': form, ...headers } })
const secured = (headers: Headers) => [missingHeaders(headers), headers.get('strict-transport-security')]
const securedRight = [[], 'max-age=31536000; includeSubDomains']

describe('a request for an invalid address', () => {
  it.each(wrongTargets('').map(([what]) => what))('by %s is refused with 400', async (what) => {
    const { url } = await web()
    const { status, headers } = await rawRequest(url, new Map(wrongTargets(new URL(url).host)).get(what)!)
    expect([status, ...(what === 'no HTTP' ? securedRight : secured(headers))]).toEqual([400, ...securedRight])
  })

  it('but its own as an absolute URL is answered', async () => {
    const { url } = await web()
    const { host } = new URL(url)
    const { status, body } = await rawRequest(url, [`GET http://${host}/robots.txt HTTP/1.1`, `Host: ${host}`])
    expect([status, body]).toEqual([200, expect.stringContaining('Sitemap:')])
  })
})

it('a page has one address, and others with slashes redirect there', async () => {
  for (const [path, to] of [
    ['/sign-in/', '/sign-in'],
    ['/sign-in///?to=%2Fsell', '/sign-in?to=%2Fsell'],
    ['/events/1/', '/events/1'],
  ] as const)
    for (const method of ['GET', 'HEAD', 'POST']) {
      const response = await ask(path, { method, ...(method === 'POST' ? { body: new URLSearchParams('a=b') } : {}) })
      expect([method, path, response.status, response.headers.get('location')]).toEqual([method, path, 308, to])
    }
  for (const path of ['//elsewhere.test/', '/\\elsewhere.test/']) {
    const { host } = new URL((await web()).url)
    const { status } = await rawRequest((await web()).url, [`GET ${path} HTTP/1.1`, `Host: ${host}`])
    expect([path, status]).toEqual([path, 404])
  }
})

describe('the methods of a page', () => {
  it.each([
    ['/', 'GET, HEAD, OPTIONS'],
    ['/tickets?q=x', 'GET, HEAD, OPTIONS'],
    ['/sign-in', 'GET, HEAD, OPTIONS, POST'],
    ['/tickets/1', 'GET, HEAD, OPTIONS, POST'],
    ['/admin/users', 'GET, HEAD, OPTIONS, POST'],
    ['/robots.txt', 'GET, HEAD, OPTIONS'],
  ])('%s are listed on request, and in the response to another method', async (path, methods) => {
    const allowed = ({ headers }: Response) => headers.get('allow')?.split(', ').toSorted().join(', ')
    const told = await ask(path, { method: 'OPTIONS' })
    expect([told.status, allowed(told), ...secured(told.headers)]).toEqual([204, methods, ...securedRight])
    for (const method of ['PUT', 'DELETE', 'PATCH', ...(methods.includes('POST') ? [] : ['POST'])]) {
      const refused = await ask(path, { method, body: new URLSearchParams('a=b') })
      expect([method, refused.status, allowed(refused)]).toEqual([method, 405, methods])
      expect(secured(refused.headers)).toEqual(securedRight)
    }
  })

  it('of an unknown address are none', async () => {
    for (const method of ['OPTIONS', 'PUT', 'GET', 'HEAD']) expect((await ask('/nothing', { method })).status).toBe(404)
  })
})

describe('a form', () => {
  it('that is compressed is refused with 415', async () => {
    const refused = await post('/language', 'language=de', { 'content-encoding': 'gzip' })
    expect([refused.status, refused.headers.get('accept-encoding')]).toEqual([415, 'identity'])
    expect(secured(refused.headers)).toEqual(securedRight)
  })

  it('that is not UTF-8 is refused with 400', async () => {
    expect((await post('/language', 'language=de&to=%2Fcaf%E9')).status).toBe(400)
    expect((await post('/language', new Uint8Array(Buffer.from('language=de&to=/caf\xe9', 'latin1')))).status).toBe(400)
    expect((await post('/language', 'language=de&to=%2Fcaf%C3%A9')).status).toBe(303)
  })

  it('of the same host over plain HTTP is refused if the site has HTTPS', async () => {
    for (const [origin, status] of [
      ['https://aisle.test', 303],
      ['http://aisle.test', 403],
      ['https://aisle.test:8443', 403],
    ] as const)
      expect([origin, (await post('/language', 'language=de', { origin })).status]).toEqual([origin, status])
  })
})

it('every response has the headers of a page', async () => {
  const page = await (await ask('/sign-in')).text()
  const script = /src="(\/assets\/[^"]+)"|href="(\/assets\/[^"]+)"/.exec(page)
  for (const path of [
    ...[
      '/sign-in',
      '/nothing',
      '/%zz',
      '/livez',
      '/metrics',
      '/favicon.svg',
      '/favicon.ico',
      '/robots.txt',
      '/tickets/',
    ],
    ...['/assets/nothing.js', script?.[1] ?? script?.[2] ?? 'there is no file'],
  ]) {
    const response = await ask(path)
    expect([path, ...secured(response.headers)]).toEqual([path, ...securedRight])
  }
})

it.each(['/', '/_root.data', '/robots.txt'])('%s declares its charset', async (path) => {
  expect((await ask(path)).headers.get('content-type')).toMatch(/^text\/[a-z-]+; ?charset=utf-8$/i)
})

describe('what browsers, crawlers and security researchers look for', () => {
  it('exists', async () => {
    for (const [path, type] of [
      ['/favicon.ico', 'image/x-icon'],
      ['/favicon.svg', 'image/svg+xml'],
      ['/share.png', 'image/png'],
      ['/robots.txt', 'text/plain; charset=utf-8'],
    ] as const) {
      const response = await ask(path)
      expect([path, response.status, response.headers.get('content-type')]).toEqual([path, 200, type])
    }
  })

  it('pages have an image that every sharing site can show', async () => {
    expect(await (await ask('/sign-in')).text()).toContain(
      `<meta property="og:image" content="${publicUrl}/share.png"/>`,
    )
  })

  it('the security contact is published if it is set, and for less than a year', async () => {
    expect((await ask('/.well-known/security.txt')).status).toBe(404)
    const { url } = await web({ securityContact: 'mailto:security@aisle.test' })
    const text = await (await fetch(`${url}/.well-known/security.txt`)).text()
    expect(text).toMatch(/^Contact: mailto:security@aisle\.test\n/)
    expect(text).toContain(`\nCanonical: ${publicUrl}/.well-known/security.txt\n`)
    const days = (Date.parse(/^Expires: (\S+Z)$/m.exec(text)![1]!) - Date.now()) / 86_400_000
    expect([days > 30, days < 365]).toEqual([true, true])
  })
})

describe('a page about the site', () => {
  it('is shared like other public pages, and says who runs the site', async () => {
    const { url } = await web({ operator: { operator: 'Tickets & Co', email: 'help@tickets.test' } })
    const response = await fetch(`${url}/imprint`, { headers: { 'accept-language': 'de' } })
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, expect.stringMatching(/^public, /)])
    const page = await response.text()
    expect(page).toContain('<h1 class="text-title">Impressum</h1>')
    expect(page).toContain('<p>Tickets &amp; Co</p>')
    expect(page).toContain('<a href="mailto:help@tickets.test">')
    expect(page).toContain(`<link rel="canonical" href="${publicUrl}/imprint"/>`)
  })

  it('is the file of the operator where there is one, with its HTML as text', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'aisle-site-pages-'))
    closers.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'help.en.md'), '# Our help\n\nAsk <script>alert(1)</script>.\n')
    const { url } = await web({ sitePagesDirectory: folder })
    const page = await (await fetch(`${url}/help`)).text()
    expect(page).toContain('<h1 class="text-title">Our help</h1>')
    expect(page).toContain('<p>Ask &lt;script&gt;alert(1)&lt;/script&gt;.</p>')
    expect(await (await fetch(`${url}/terms`)).text()).toContain('<h1 class="text-title">Terms</h1>')
  })

  it('that cannot be shown ends the start with one sentence', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'aisle-site-pages-'))
    closers.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'terms.de.md'), 'Unsere Regeln')
    const program = spawn(process.execPath, [fileURLToPath(new URL('../web/server/main.ts', import.meta.url))], {
      env: { API_URL: 'http://localhost:1', PUBLIC_URL: 'http://localhost:2', SITE_PAGES_DIR: folder },
    })
    let said = ''
    program.stderr.on('data', (text: Buffer) => {
      said += text
    })
    const [code] = await once(program, 'close')
    const sentence = 'must begin with its title, as "# Help", and have no other heading of that kind.'
    expect([code, said]).toEqual([1, `${join(folder, 'terms.de.md')} ${sentence}\n`])
  })
})

describe('the visitor of a page', () => {
  /** The address and request id that the API receives from a client with these headers. */
  async function heard(trustedProxies: string | undefined, headers: Record<string, string>) {
    asked.length = 0
    const { url } = await web(trustedProxies === undefined ? {} : { trustedProxies })
    await fetch(`${url}/account`, { redirect: 'manual', headers: { cookie: '__Host-session=x', ...headers } })
    const { 'x-forwarded-for': address, 'x-request-id': id } = asked[0]!.headers
    return { address, id }
  }

  it('can choose neither an address nor the request id', async () => {
    const claims = { 'x-forwarded-for': '203.0.113.7, 10.0.0.5', 'x-request-id': 'abcdefgh-1' }
    expect(await heard('1', claims)).toEqual({ address: '10.0.0.5', id: 'abcdefgh-1' })
    expect(await heard('127.0.0.1,10.0.0.0/8', claims)).toEqual({ address: '203.0.113.7', id: 'abcdefgh-1' })
    const stranger = await heard('0', claims)
    expect(stranger.address).toMatch(/127\.0\.0\.1$/)
    expect(stranger.id).not.toBe('abcdefgh-1')
  })
})

describe('the end of a session', () => {
  it('clears what the browser stored of it', async () => {
    const response = await post('/sign-out', '', { cookie: '__Host-session=x' })
    expect([response.status, response.headers.get('clear-site-data')]).toEqual([303, '"cache", "storage"'])
  })

  it('that happened elsewhere does so at the next page that checks the user', async () => {
    const ended = await ask('/account', { headers: { cookie: '__Host-session=x' } })
    expect([ended.status, ended.headers.get('clear-site-data')]).toEqual([302, '"cache", "storage"'])
    expect((await ask('/account')).headers.get('clear-site-data')).toBeNull()
  })
})

it('the chosen language is stored in a cookie that no other host can set', async () => {
  const [cookie] = (await post('/language', 'language=de')).headers.getSetCookie()
  expect(cookie).toMatch(/^__Host-lang=de; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/)
  const page = await ask('/sign-in', { headers: { cookie: '__Host-lang=de; lang=en' } })
  expect(page.headers.get('content-language')).toBe('de')
})

it('a page with a secret in its address tells no other site of it, and may be cached by nobody', async () => {
  for (const path of ['/confirm/secret', '/confirm/secret.data']) {
    const { headers } = await ask(path)
    expect([headers.get('referrer-policy'), headers.get('cache-control')]).toEqual(['same-origin', 'private, no-store'])
  }
})
