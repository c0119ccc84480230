// How the API answers unusual or malformed requests: at the front door, and at each service, since other
// proxies may be in front of them.

import type { Ticket } from '@aisle/contracts/entities'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from './client.ts'
import { closeWorld } from './invariants.ts'
import { missingHeaders, rawRequest, wrongTargets } from './raw-request.ts'
import { listTicket, openWorld, refusalOf, type World, worldServices } from './world.ts'

let world: World
let seller: Client
let ticket: Ticket
beforeAll(async () => {
  world = await openWorld()
  seller = await world.member('Sue')
  ticket = await listTicket(seller)
})
afterAll(() => closeWorld(world))

const hostOf = (url: string) => new URL(url).host
const everybody = () => [world.stack.url, ...worldServices.map((name) => world.stack.origins(name)[0]!)]
const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${world.stack.url}${path}`, { redirect: 'manual', ...init })

describe('a request for an invalid address', () => {
  it.each(wrongTargets('').map(([what]) => what))('by %s is refused with 400 by every server', async (what) => {
    for (const url of everybody()) {
      const lines = new Map(wrongTargets(hostOf(url))).get(what)!
      const { status, headers, body } = await rawRequest(url, lines)
      expect([url, status, headers.get('content-type')]).toEqual([url, 400, expect.stringContaining('problem+json')])
      expect(JSON.parse(body)).toMatchObject({ code: 'invalid' })
      expect(missingHeaders(headers)).toEqual([])
    }
  })

  it('but its own as an absolute URL is answered', async () => {
    const [origin] = world.stack.origins('tickets')
    for (const url of [world.stack.url, origin!])
      for (const path of [`/api/tickets/${ticket.id}`, '/api/tickets?limit=1']) {
        const target = `HTTP://${hostOf(url)}${path}`
        expect((await rawRequest(url, [`GET ${target} HTTP/1.1`, `Host: ${hostOf(url)}`])).status).toBe(200)
      }
  })
})

describe('a ticket that a caller has already received', () => {
  const path = () => `/api/tickets/${ticket.id}`
  const seen = async () => (await ask(path())).headers.get('etag')!
  const look = async (ifNoneMatch: string) => {
    const response = await ask(path(), { headers: { 'if-none-match': ifNoneMatch } })
    return [response.status, await response.text()].map((one) => (one === 304 || one === '' ? one : 'whole'))
  }

  it('is not sent again while it is unchanged (If-None-Match)', async () => {
    const tag = await seen()
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, `"a,b",W/"c" , ${tag}`, '*'])
      expect([header, ...(await look(header))]).toEqual([header, 304, ''])
    for (const header of ['"1"', 'nonsense', '', tag.replaceAll('"', ''), '"other"'])
      expect([header, ...(await look(header))]).toEqual([header, 'whole', 'whole'])
    const unchanged = await ask(path(), { headers: { 'if-none-match': tag } })
    expect(unchanged.headers.get('etag')).toBe(tag)
    expect(missingHeaders(unchanged.headers)).toEqual([])
  })

  it('is sent again when its seller’s name changes', async () => {
    const tag = await seen()
    await seller.expect(200, 'PATCH', '/api/users/me', { name: 'Sue Renamed' })
    await world.settled()
    expect(await look(tag)).toEqual(['whole', 'whole'])
    expect(await seen()).not.toBe(tag)
    expect((await seen()).split('-')[0]).toBe(tag.split('-')[0])
  })

  it('is changed if one of the tags in If-Match is right, and not by a weak one', async () => {
    const change = async (ifMatch: string) =>
      (await seller.send('PATCH', path(), { price: 6000 }, { 'if-match': ifMatch })).status
    const tag = await seen()
    const version = tag.split('-')[0]!
    for (const wrong of ['"9"', `W/${tag}`, '"9", "8"', 'nonsense', '', tag.replaceAll('"', ''), `${version}-other"`])
      expect([wrong, await change(wrong)]).toEqual([wrong, 412])
    for (const right of [
      () => seen(),
      async () => `"9", ${await seen()}`,
      async () => `${(await seen()).split('-')[0]}"`,
    ])
      expect(await change(await right())).toBe(200)
    expect([await change('*'), await change(' * ')]).toEqual([200, 200])
  })
})

describe('a body', () => {
  const list = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    seller.send<Ticket & { errors: { message: string; field?: string }[] }>('POST', '/api/tickets', body, headers)
  const json = (title: string) => JSON.stringify({ title, price: 5000 })

  it('that is compressed is refused with 415 and an explanation', async () => {
    for (const encoding of ['gzip', 'br', 'GZIP', 'identity, gzip']) {
      const reply = await list(json('One'), { 'content-encoding': encoding })
      expect(refusalOf(reply)).toEqual([415, 'unsupported-media-type'])
      expect(reply.body.errors[0]?.field).toBe('Content-Encoding')
      expect(reply.headers.get('accept-encoding')).toBe('identity')
    }
    expect((await list(json('One'), { 'content-encoding': 'identity' })).status).toBe(201)
  })

  it('that is not UTF-8 is refused, and no letter is lost', async () => {
    const reply = await list(Buffer.from(json('Café'), 'latin1'))
    expect(refusalOf(reply)).toEqual([400, 'invalid'])
    expect(reply.body.errors[0]?.message).toMatch(/UTF-8/)
    expect(refusalOf(await list(Buffer.from(json('Café'), 'utf16le')))).toEqual([400, 'invalid'])
    expect((await list(json('Café'))).body.title).toBe('Café')
  })

  it('may begin with a byte order mark', async () => {
    const reply = await list(`\ufeff${json('Café')}`)
    expect([reply.status, reply.body.title]).toEqual([201, 'Café'])
  })

  it('of any depth is refused with 400', async () => {
    for (const depth of [60, 15_000, 30_000]) {
      const body = `${'['.repeat(depth)}${']'.repeat(depth)}`
      for (const path of ['/api/users/signout', '/api/tickets', '/api/users/signin'])
        for (const headers of [{}, { 'idempotency-key': newId() }])
          expect((await seller.send('POST', path, body, headers)).status).toBe(400)
      expect((await list(`{"title":"One","price":5000,"seat":${body}}`)).status).toBe(400)
    }
  })
})

it('an address with a trailing slash is the same address', async () => {
  expect((await ask(`/api/tickets/${ticket.id}/`)).status).toBe(200)
  expect((await seller.send('POST', '/api/orders/', { ticketId: ticket.id })).body).toMatchObject({
    code: 'own-ticket',
  })
  expect((await ask('/api/tickets/?limit=1')).status).toBe(200)
  const stream = await ask(`/api/tickets/live/?ids=${ticket.id}`, { signal: AbortSignal.timeout(20_000) })
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, expect.stringContaining('event-stream')])
  await stream.body?.cancel()
})

describe('the methods of an address', () => {
  it('are listed on request', async () => {
    for (const [path, methods] of [
      ['/api/tickets', 'GET, HEAD, OPTIONS, POST'],
      [`/api/tickets/${ticket.id}`, 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'],
      ['/api/users/signin', 'OPTIONS, POST'],
    ] as const) {
      const response = await ask(path, { method: 'OPTIONS', headers: { origin: 'https://elsewhere.test' } })
      expect([path, response.status, response.headers.get('allow')?.split(', ').toSorted().join(', ')]).toEqual([
        path,
        204,
        methods,
      ])
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect((await ask('/api/nothing', { method: 'OPTIONS' })).status).toBe(404)
  })

  it('include HEAD wherever there is GET, without a body', async () => {
    for (const path of ['/api/tickets', `/api/tickets/${ticket.id}`, '/api/events', '/livez', '/readyz']) {
      const response = await ask(path, { method: 'HEAD' })
      expect([path, response.status, await response.text()]).toEqual([path, 200, ''])
    }
  })
})

it('every response has the headers of a page that allows nothing', async () => {
  for (const url of everybody())
    for (const [method, path] of [
      ...[['GET', '/livez'] as const, ['GET', '/readyz'] as const, ['GET', '/nothing'] as const],
      ...[['GET', '/%zz'] as const, ['DELETE', '/api/tickets'] as const, ['GET', '/api/tickets'] as const],
      ...[['OPTIONS', '/api/tickets'] as const, ['POST', '/api/tickets'] as const],
      ...[['GET', `/api/tickets/live?ids=${ticket.id}`] as const, ['GET', '/metrics'] as const],
    ]) {
      const response = await fetch(`${url}${path}`, { method })
      expect([url, method, path, missingHeaders(response.headers)]).toEqual([url, method, path, []])
      await response.body?.cancel()
    }
})

it('a page of the same host over another scheme may not post', async () => {
  const post = async (origin: string) =>
    (await ask('/api/users/signout', { method: 'POST', headers: { origin } })).status
  expect(await post(`http://${hostOf(world.stack.url)}`)).toBe(200)
  expect(await post(`https://${hostOf(world.stack.url)}`)).toBe(403)
})

describe('at the end of a session the browser is asked to clear its data', () => {
  it.each(['/api/users/signout', '/api/users/signout-everywhere'])('%s', async (path) => {
    const member = await world.member()
    const reply = await member.send('POST', path)
    expect([reply.status, reply.headers.get('clear-site-data')]).toEqual([200, '"cache", "storage"'])
    expect(member.deviceCookie).not.toBe('')
  })
})
