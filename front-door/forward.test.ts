/** A call through the front door, over real sockets: the call and its answer arrive as they were sent. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { hearProvider, payOrder } from '@aisle/contracts/api/payments'
import { describe, expect, it } from 'vitest'
import { isStream } from './forward.ts'
import { echo, frontDoor, problem } from './front-door-testing.ts'

describe('an answer that stays open', () => {
  it.each([
    ['/api/tickets/live', true],
    ['/api/tickets/live?ids=a', true],
    ['/api/orders/0198a1c2-0000-7000-8000-000000000000/live', true],
    ['/api/tickets', false],
    ['/api/orders/live', false],
    ['/api/orders/a/b/live', false],
    ['/api/tickets/live/', true],
    ['/api/tickets/live//', false],
    ['/live', false],
  ])('is recognised by its address: %s, %s', (url, stays) => {
    expect(isStream(url)).toBe(stays)
  })
})

describe('a call', () => {
  it('reaches its service with method, path, query, headers and body as they were', async () => {
    const { url } = await frontDoor(echo)
    const body = '{"a": 1,\n "a": "é"}'
    const response = await fetch(`${url}/api/tickets/a%2Fb/..%2F?q=%20x&q=y`, {
      method: 'PATCH',
      body,
      headers: { 'content-type': 'application/json', 'if-match': '"3"', cookie: 'a=b; c=d', 'idempotency-key': 'k' },
    })
    expect(await response.json()).toMatchObject({
      method: 'PATCH',
      url: '/api/tickets/a%2Fb/..%2F?q=%20x&q=y',
      body,
      headers: {
        'if-match': '"3"',
        cookie: 'a=b; c=d',
        'idempotency-key': 'k',
        'content-length': String(Buffer.byteLength(body)),
      },
    })
  })

  it.each(['/api/tickets', '/api/tickets/', '/api/tickets?page=2', '/api/tickets/x/y', '/api/tickets/openapi.json'])(
    'at %s is forwarded',
    async (path) => {
      const { url } = await frontDoor(echo)
      expect(await (await fetch(url + path)).json()).toMatchObject({ url: path })
    },
  )

  it.each(['/', '/api', '/api/ticketsx', '/api/other', '/metrics', '/api/tickets%2F'])(
    'at %s is refused as unknown',
    async (path) => {
      const { url } = await frontDoor(echo)
      const response = await fetch(url + path)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect({ status: response.status, body: await response.json() }).toEqual({
        status: 404,
        body: problem('not-found', 404),
      })
    },
  )

  it('forwards the true client address, whatever the client claims', async () => {
    const { url, port } = await frontDoor(echo)
    const claims = {
      'x-forwarded-for': '8.8.8.8',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil',
      'x-real-ip': '8.8.8.8',
      forwarded: 'for=8.8.8.8',
    }
    const { headers } = (await (await fetch(`${url}/api/tickets`, { headers: claims })).json()) as {
      headers: Record<string, string>
    }
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${port}`,
    })
    expect(Object.keys(headers)).not.toContain('x-real-ip')
    expect(Object.keys(headers)).not.toContain('forwarded')
  })

  it('does not forward hop-by-hop headers, nor those that the client declares as such', async () => {
    const { port } = await frontDoor(echo)
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'GET /api/tickets HTTP/1.1\r\nHost: x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nUpgrade: foo\r\nX-Stays: 1\r\n\r\n',
    )
    const { headers } = JSON.parse((await text(socket)).split('\r\n\r\n')[1]!.match(/{.*}/s)![0])
    expect(headers).toMatchObject({ 'x-stays': '1' })
    for (const gone of ['x-hop', 'te', 'upgrade']) expect(Object.keys(headers)).not.toContain(gone)
  })

  it('keeps every header that identifies the caller, whatever the client declares as hop-by-hop', async () => {
    const { port } = await frontDoor(echo)
    const own = {
      ...{ origin: 'https://elsewhere.test', 'sec-fetch-site': 'cross-site', cookie: 'a=b', authorization: 'Basic x' },
      ...{ 'content-type': 'text/plain', 'idempotency-key': 'k', 'if-match': '"1"', 'stripe-signature': 's' },
      ...{ accept: '*/*', 'last-event-id': '1', 'content-encoding': 'gzip', 'user-agent': 'u' },
    }
    const always = ['host', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-request-id']
    const named = [...Object.keys(own), ...always, 'content-length']
    const socket = connect(port, '127.0.0.1')
    socket.write(
      [
        'POST /api/tickets HTTP/1.1',
        `Host: 127.0.0.1:${port}`,
        `Connection: close, ${named.join(', ').toUpperCase()}`,
        ...Object.entries(own).map((header) => header.join(': ')),
        'Content-Length: 2',
        '',
        '{}',
      ].join('\r\n'),
    )
    const { headers, body } = JSON.parse((await text(socket)).split('\r\n\r\n')[1]!.match(/{.*}/s)![0])
    expect(headers).toMatchObject({ ...own, 'content-length': '2' })
    for (const name of always) expect([name, headers[name]]).toEqual([name, expect.any(String)])
    expect(body).toBe('{}')
  })

  it.each([
    ['keeps a request id from a trusted proxy', true, 'abcdefgh-1', 'abcdefgh-1'],
    ['replaces one of a stranger', false, 'abcdefgh-1', undefined],
    ['replaces one that is too short', true, 'abc', undefined],
    ['replaces one that could harm a log', true, 'abcdefgh"}', undefined],
  ])('%s', async (_, trusted, given, expected) => {
    const { url } = await frontDoor(echo, { trusted })
    const { headers } = (await (await fetch(`${url}/api/tickets`, { headers: { 'x-request-id': given } })).json()) as {
      headers: Record<string, string>
    }
    expect(headers['x-request-id']).toEqual(expected ?? expect.stringMatching(/^[0-9a-f-]{36}$/))
  })

  it('is answered with the status, all cookies and the exact bytes of the service', async () => {
    const bytes = gzipSync('{"big": 1}')
    const { url } = await frontDoor((_request, response) => {
      response.writeHead(201, {
        'set-cookie': ['a=1; HttpOnly', 'b=2'],
        'content-encoding': 'gzip',
        location: '/api/tickets/1',
        link: ['<a>; rel=next', '<b>; rel=prev'],
      })
      response.end(bytes)
    })
    const [response] = (await once(request(`${url}/api/tickets`, { method: 'POST' }).end('{}'), 'response')) as [
      IncomingMessage,
    ]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    expect(response.statusCode).toBe(201)
    expect(response.headers).toMatchObject({
      'set-cookie': ['a=1; HttpOnly', 'b=2'],
      location: '/api/tickets/1',
      link: '<a>; rel=next, <b>; rel=prev',
    })
    expect(Buffer.concat(chunks)).toEqual(bytes)
  })

  it.each([204, 304])('is answered with %i and no body', async (status) => {
    const { url } = await frontDoor((_request, response) => response.writeHead(status, { etag: '"1"' }).end())
    const response = await fetch(`${url}/api/tickets`, { method: status === 204 ? 'DELETE' : 'GET' })
    expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([status, '"1"', ''])
  })

  it('answers HEAD with the length and no body', async () => {
    const { url } = await frontDoor((_request, response) => response.writeHead(200, { 'content-length': 12 }).end())
    const response = await fetch(`${url}/api/tickets`, { method: 'HEAD' })
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '12'])
  })

  it('is answered as the service writes: each part arrives before the next is sent', async () => {
    const next: (() => void)[] = []
    const { url } = await frontDoor((_request, response) => {
      response.write('one')
      next.push(
        () => response.write('two'),
        () => response.end('three'),
      )
    })
    const [response] = (await once(request(`${url}/api/tickets`).end(), 'response')) as [IncomingMessage]
    response.setEncoding('utf8')
    for (const part of ['one', 'two', 'three']) {
      expect(await once(response, 'data')).toEqual([part])
      next.shift()?.()
    }
  })

  it('is answered no faster than the client reads', async () => {
    const written = { bytes: 0, stalled: Promise.withResolvers<void>() }
    const total = 64 * 1024 * 1024
    const { url } = await frontDoor((_request, response) => {
      const part = Buffer.alloc(1024 * 1024)
      const pump = () => {
        while (written.bytes < total) {
          written.bytes += part.length
          if (response.write(part)) continue
          const patience = setTimeout(written.stalled.resolve, 300)
          response.once('drain', () => {
            clearTimeout(patience)
            pump()
          })
          return
        }
        response.end()
      }
      pump()
    })
    const [response] = (await once(request(`${url}/api/tickets`).end(), 'response')) as [IncomingMessage]
    await written.stalled.promise
    expect(written.bytes).toBeLessThan(total)
    let bytes = 0
    for await (const part of response) bytes += part.length
    expect(bytes).toBe(total)
  })

  it('in chunks without a length reaches its service whole', async () => {
    const { url } = await frontDoor(echo)
    const call = request(`${url}/api/tickets`, { method: 'POST' })
    call.write('one ')
    call.end('two')
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    expect(JSON.parse(await text(response))).toMatchObject({ body: 'one two' })
  })

  it.each([65, 200])('of %i kB is refused by the service itself, always', async (kilobytes) => {
    const { url } = await frontDoor((_request, response) =>
      response.writeHead(413, { connection: 'close' }).end('service'),
    )
    for (let i = 0; i < 20; i++) {
      const response = await fetch(`${url}/api/tickets`, { method: 'POST', body: 'x'.repeat(kilobytes * 1024) })
      expect([response.status, await response.text()]).toEqual([413, 'service'])
    }
  })

  it('of a provider may have 1 MiB, and no more', async () => {
    const door = await frontDoor(
      (request, response) => void text(request).then((body) => response.end(`${body.length}`)),
      {
        prefix: '/api/payments',
      },
    )
    const send = async (path: string, bytes: number) => {
      const response = await fetch(`${door.url}${path}`, { method: 'POST', body: 'x'.repeat(bytes) })
      return [response.status, response.status === 200 ? await response.text() : '']
    }
    const mebibyte = 1024 ** 2
    expect(await send(hearProvider.path, mebibyte)).toEqual([200, `${mebibyte}`])
    expect(await send(hearProvider.path, mebibyte + 1)).toEqual([413, ''])
    expect(await send(payOrder.path, 256 * 1024)).toEqual([200, `${256 * 1024}`])
    expect(await send(payOrder.path, 256 * 1024 + 1)).toEqual([413, ''])
  })

  it.each(['a length', 'no length'])('of 20 MB with %s is refused at the door', async (how) => {
    const { url } = await frontDoor(() => expect.unreachable())
    const call = request(`${url}/api/tickets`, {
      method: 'POST',
      ...(how === 'a length' ? { headers: { 'content-length': 20_000_000 } } : {}),
    })
    call.write(Buffer.alloc(10_000_000))
    call.end(Buffer.alloc(10_000_000))
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(413)
    expect(JSON.parse(await text(response))).toEqual(problem('too-large', 413))
  })

  it('that its client gives up ends at the service as well', async () => {
    const ended = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    const { url } = await frontDoor((_request, response) => {
      arrived.resolve()
      response.once('close', ended.resolve)
    })
    const controller = new AbortController()
    const call = fetch(`${url}/api/tickets`, { signal: controller.signal })
    await arrived.promise
    controller.abort()
    await expect(call).rejects.toThrow()
    await ended.promise
  })
})
