/** The front door's own answers, and how it starts and stops. */
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startFrontDoor } from './front-door.ts'
import { echo, frontDoor, listening, logger, problem } from './front-door-testing.ts'

async function nowhere(): Promise<string> {
  const server = createServer()
  const url = await listening(server)
  server.close()
  await once(server, 'close')
  return url
}

describe('the pages', () => {
  const withPages = async (pages: string) => {
    const door = await startFrontDoor({
      port: 0,
      routes: [{ prefix: '/api/tickets', upstream: await listening(createServer(echo)) }],
      services: [],
      pages,
      logger,
    })
    onTestFinished(() => door.stop())
    return door
  }

  it('answer everything that is not under /api', async () => {
    const page: RequestListener = (request, response) => response.end(`page ${request.method} ${request.url}`)
    const { url } = await withPages(await listening(createServer(page)))
    for (const path of ['/', '/tickets/1?x=y', '/apis', '//elsewhere.test/'])
      expect(await (await fetch(`${url}${path}`)).text()).toBe(`page GET ${path}`)
    expect(await (await fetch(`${url}/tickets/1`, { method: 'POST', body: 'a=b' })).text()).toBe('page POST /tickets/1')
    for (const path of ['/api', '/api/nothing'])
      expect(await (await fetch(`${url}${path}`)).json()).toMatchObject(problem('not-found', 404))
    expect((await fetch(`${url}/livez`)).status).toBe(200)
  })

  it('are replaced by a page that says so and reloads when they do not answer', async () => {
    const { url } = await withPages(await nowhere())
    const response = await fetch(`${url}/tickets/1`)
    const body = await response.text()
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8'])
    expect(body).toMatch(/refresh.*not available right now/)
    expect(body).not.toMatch(/127\.0|ECONN|undici/)
  })
})

describe('a service that is not there', () => {
  it.each(['GET', 'POST'])('is reported as unavailable for %s, without any internals', async (method) => {
    const { url } = await frontDoor(await nowhere())
    const response = await fetch(`${url}/api/tickets`, { method, ...(method === 'POST' ? { body: '{}' } : {}) })
    const body = await response.text()
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
    expect(JSON.parse(body)).toEqual({
      ...problem('unavailable', 503),
      requestId: response.headers.get('x-request-id'),
    })
    expect(body).not.toMatch(/127\.0|ECONN|undici/)
  })

  it('is reported as unavailable when it has never started', async () => {
    expect((await fetch(`${(await frontDoor('')).url}/api/tickets`)).status).toBe(503)
  })

  it('is reported as unavailable when it breaks the connection before it answers', async () => {
    const { url } = await frontDoor((request) => request.socket.destroy())
    expect((await fetch(`${url}/api/tickets`)).status).toBe(503)
  })

  it('is not mistaken for a whole answer when it breaks off midway', async () => {
    const { url } = await frontDoor((_request, response) => {
      response.write('half')
      setImmediate(() => response.destroy())
    })
    await expect(fetch(`${url}/api/tickets`).then((response) => response.text())).rejects.toThrow()
  })

  it('makes the whole not ready, and is named', async () => {
    const ready: RequestListener = (_request, response) => response.end('{"status":"ready"}')
    const sick: RequestListener = (_request, response) =>
      response.writeHead(503).end('{"status":"not ready","trouble":"database"}')
    const well = await frontDoor(ready)
    const answer = await fetch(`${well.url}/readyz`)
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'ready', services: { tickets: { status: 'ready' } } },
    ])

    const others = [
      { name: 'orders', url: await listening(createServer(sick)) },
      { name: 'auth', url: await nowhere() },
    ]
    const ill = await fetch(`${(await frontDoor(ready, { others })).url}/readyz`)
    expect([ill.status, await ill.json()]).toEqual([
      503,
      {
        status: 'not ready',
        notReady: ['orders', 'auth'],
        services: {
          tickets: { status: 'ready' },
          orders: { status: 'not ready', trouble: 'database' },
          auth: { status: 'unreachable' },
        },
      },
    ])
    expect((await fetch(`${well.url}/livez`)).status).toBe(200)
  })
})

describe('an improper request', () => {
  it.each([
    [
      'an address that cannot be decoded',
      'GET /api/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      404,
      'not-found',
    ],
    ['no HTTP', 'NONSENSE\r\n\r\n', 400, 'invalid'],
    ['headers beyond measure', `GET /livez HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 413, 'too-large'],
  ])('with %s is refused in the standard form', async (_, bytes, status, code) => {
    const { port } = await frontDoor(echo)
    const socket = connect(port, '127.0.0.1')
    socket.write(bytes)
    const [head, body] = (await text(socket)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(body!)).toEqual(problem(code, status))
  })
})

describe('the documents', () => {
  it('each come from their service', async () => {
    const door = await frontDoor(echo, { others: [{ name: 'auth', url: await listening(createServer(echo)) }] })
    for (const name of ['tickets', 'auth']) {
      expect(await (await fetch(`${door.url}/api/${name}/openapi.json`)).json()).toMatchObject({
        url: `/api/${name}/openapi.json`,
      })
    }
  })

  it('are shown on a page that loads nothing from elsewhere', async () => {
    const { url } = await frontDoor(echo)
    const page = await fetch(`${url}/api/docs`)
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    const html = await page.text()
    expect(html).not.toMatch(/https?:\/\/|<script>/)
    for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const asset = await fetch(url + path)
      expect([path, asset.status]).toEqual([path, 200])
      expect((await asset.text()).length).toBeGreaterThan(100)
    }
    expect(await (await fetch(`${url}/api/docs/start.js`)).text()).toContain('"/api/tickets/openapi.json"')
    expect((await fetch(`${url}/api/docs/`)).url).toBe(`${url}/api/docs`)
    expect((await fetch(`${url}/api/docs/oauth2-redirect.html`)).status).toBe(404)
  })

  it('include the messages, on a page without scripts', async () => {
    const { url } = await frontDoor(echo, { heard: [{ name: 'payments', types: ['order:created'] }] })
    expect(await (await fetch(`${url}/api/docs`)).text()).toContain('href="/api/docs/messages"')
    const page = await fetch(`${url}/api/docs/messages`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const html = await page.text()
    expect(html).toMatch(/order:created<\/code><\/td><td>A buyer has reserved a ticket.+<\/td><td>payments<\/td>/)
    expect(html).toMatch(/order:reserved<\/code><\/td><td>.+<\/td><td>no service<\/td>/)
    expect(html).toContain('<code>ticket.event.startsAt</code></td><td>time</td>')
    expect(html).not.toMatch(/<script|https?:\/\/|`/)
    for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g))
      expect([path, (await fetch(url + path)).status]).toEqual([path, 200])
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) expect(html).toContain(`id="${id}"`)
  })
})

describe('start and stop', () => {
  it('names the port that is in use in one sentence', async () => {
    const { port } = await frontDoor(echo)
    const second = startFrontDoor({ port, routes: [], services: [], logger })
    await expect(second).rejects.toThrow(`Port ${port} is in use; stop what uses it or set PORT`)
  })

  it('finishes running requests, accepts no new ones, and does not wait for idle connections', async () => {
    const arrived = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    const door = await frontDoor(
      async (request, response) => {
        if (request.url === '/api/tickets/slow') {
          arrived.resolve()
          await finish.promise
        }
        response.end('done')
      },
      // Nothing is cut off, so the stop is over only if everything ends on its own.
      { drainMs: 2 ** 31 - 1 },
    )
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const [idle] = (await once(request(`${door.url}/api/tickets`, { agent }).end(), 'response')) as [IncomingMessage]
    await text(idle)
    const slow = fetch(`${door.url}/api/tickets/slow`)
    await arrived.promise
    const stopped = door.stop()
    await expect(fetch(`${door.url}/livez`)).rejects.toThrow()
    finish.resolve()
    expect(await (await slow).text()).toBe('done')
    await stopped
    await door.stop()
  })

  it('cuts off what is still running when its time is up', async () => {
    const arrived = Promise.withResolvers<void>()
    const door = await frontDoor(() => arrived.resolve(), { drainMs: 20 })
    const slow = fetch(`${door.url}/api/tickets/slow`)
    slow.catch(() => {})
    await arrived.promise
    await door.stop()
    await expect(slow).rejects.toThrow()
  })
})
