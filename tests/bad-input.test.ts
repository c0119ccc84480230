// Bad input on every route is refused with its own status and a problem document, and no internals ever leak.
// The routes come from the contracts, so a new endpoint is covered as soon as it is declared; missing entries
// here fail the first tests.

import { endpoints } from '@aisle/contracts/api/index'
import type { Endpoint, Problem } from '@aisle/contracts/endpoint'
import type { Order, Payment, Ticket } from '@aisle/contracts/entities'
import { Type } from '@aisle/contracts/schema'
import { checker } from '@aisle/kit/check'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mutations, wrongValues } from './bad-values.ts'
import type { Client, Reply } from './client.ts'
import { closeWorld } from './invariants.ts'
import { buy, listTicket, openWorld, reserve, type World } from './world.ts'

// Requests signed by the provider are covered by journeys/webhooks.test.ts, streams by journeys/live.test.ts.
const all = Object.values(endpoints)
  .flat()
  .filter(({ signed, stream }) => !signed && !stream)
const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`
const named = (endpoint: Endpoint): [string, Endpoint] => [nameOf(endpoint), endpoint]

let world: World
let visitor: Client
let seller: Client & { user: { id: string } }
let buyer: Client & { user: { id: string } }
let stranger: Client & { user: { id: string } }
let admin: Client
let things: { ticket: Ticket; order: Order; payment: Payment; sold: Ticket }

beforeAll(async () => {
  world = await openWorld()
  visitor = world.visitor()
  ;[seller, buyer, stranger] = [await world.member('Sue'), await world.member('Ben'), await world.member('Strange')]
  admin = await world.admin()
  const { payment, ticket: sold } = await buy(world, seller, buyer)
  const order = await reserve(buyer, (await listTicket(seller)).id)
  things = { ticket: await listTicket(seller), order, payment, sold }
})
afterAll(() => closeWorld(world))

const event = {
  name: 'A concert',
  venue: 'A hall',
  city: 'Basel',
  startsAt: '2099-01-01T20:00:00Z',
  timeZone: 'Europe/Zurich',
  kind: 'concert',
}
const ticket = { title: 'One seat', price: 4500, currency: 'eur', event, seat: { section: 'A', row: '1', number: '2' } }

/** A passkey and a signature in the right form. */
const made = { id: 'bm9uZQ', clientDataJSON: 'e30', attestationObject: 'oA', transports: ['internal'] }
const signed = { id: 'bm9uZQ', clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA', userHandle: 'AA' }

/** A valid body for every endpoint that takes one. */
const goodBody: Record<string, () => Record<string, unknown>> = {
  'POST /api/users/signup': () => ({
    email: `${newId()}@aisle.test`,
    password: 'a good password',
    name: 'New',
    language: 'en',
  }),
  'POST /api/users/signin': () => ({ email: 'someone@aisle.test', password: 'a good password' }),
  'POST /api/users/signin/second': () => ({ challenge: 'none', code: '123456' }),
  'PATCH /api/users/me': () => ({ name: 'Sue', phone: '+41 44 668 18 00', language: 'de' }),
  'POST /api/users/confirm': () => ({ token: 'none' }),
  'POST /api/users/reset': () => ({ email: 'nobody@aisle.test' }),
  'POST /api/users/reset/confirm': () => ({ token: 'none', password: 'a good password' }),
  'POST /api/users/undo': () => ({ token: 'none' }),
  'POST /api/users/me/address': () => ({ email: `${newId()}@aisle.test` }),
  'POST /api/users/signin/second/options': () => ({ challenge: 'none' }),
  'POST /api/users/signin/passkey': () => ({ passkey: signed }),
  'POST /api/users/me/passkeys': () => ({ passkey: made, name: 'Phone' }),
  'PATCH /api/users/me/passkeys/:id': () => ({ name: 'Phone' }),
  'POST /api/users/me/proof': () => ({ password: 'a good password' }),
  'POST /api/users/me/authenticator/confirm': () => ({ code: '123456' }),
  'POST /api/users/:id/ban': () => ({ reason: 'none at all' }),
  'POST /api/admin/tickets/:id/withdrawal': () => ({ reason: 'none at all' }),
  'POST /api/admin/orders/:id/cancellation': () => ({ reason: 'none at all' }),
  'POST /api/tickets': () => ticket,
  'PUT /api/tickets/:id': () => ticket,
  'PATCH /api/tickets/:id': () => ticket,
  'POST /api/orders': () => ({ ticketId: things.ticket.id }),
  'POST /api/payments': () => ({ orderId: things.order.id, token: 'tok_visa' }),
  'POST /api/payments/:id/refunds': () => ({ amount: 50 }),
  'POST /api/notices/read': () => ({ upTo: newId() }),
  'PATCH /api/notices/mail': () => ({ kind: 'reserved', mail: true }),
}
/** A valid id for a path: an object of that service. */
const goodId = (path: string) =>
  path.startsWith('/api/tickets') || path.startsWith('/api/admin/tickets')
    ? things.ticket.id
    : path.startsWith('/api/events')
      ? things.ticket.event!.id
      : path.startsWith('/api/orders') || path.startsWith('/api/admin/orders')
        ? things.order.id
        : path.startsWith('/api/payments')
          ? things.payment.id
          : stranger.user.id
const at = (endpoint: Endpoint, id = goodId(endpoint.path)) => endpoint.path.replace(':id', id)
const bodyOf = (endpoint: Endpoint) =>
  endpoint.path.startsWith('/api/admin/messages/') ? { id: newId() } : goodBody[nameOf(endpoint)]?.()
const requiredQuery = (endpoint: Endpoint): string =>
  ['GET /api/payments', 'GET /api/admin/payments', 'GET /api/admin/notices'].includes(nameOf(endpoint))
    ? `orderId=${things.order.id}`
    : nameOf(endpoint) === 'GET /api/payments/refunds'
      ? `orderIds=${things.order.id}`
      : ''
const callerOf = (endpoint: Endpoint) => (endpoint.who === 'admin' ? admin : seller)

const inside =
  /postgres|\bsql\b|select |insert |constraint|\bstack\b|node_modules|\.m?[jt]s\b|\/work|\/home|file:|ECONN|typebox|fastify|undici|TypeError|SyntaxError|RangeError|\[object|undefined/i

/**
 * Sends a request and checks that the refusal has the required form. The client itself throws on a 5xx and on a
 * breach of the contract.
 */
async function refused(
  client: Client,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Reply<Problem>> {
  const cookie = client.cookie
  const reply = await client.send<Problem>(method, path, body, headers)
  client.cookie = cookie
  const sent = `${method} ${path} ${String(JSON.stringify(body)).slice(0, 200)}`
  expect(reply.status, `${sent} is refused`).toBeGreaterThanOrEqual(400)
  expect(reply.headers.get('content-type'), sent).toContain('application/problem+json')
  expect(reply.body.status, sent).toBe(reply.status)
  expect(reply.body.errors.length, sent).toBeGreaterThan(0)
  expect(reply.headers.get('x-request-id'), sent).toBe(reply.body.requestId)
  const texts = [reply.body.title, ...reply.body.errors.map(({ message }) => message)].join('\n')
  expect(texts, sent).not.toMatch(inside)
  return reply
}

const fieldsOf = ({ body }: Reply<Problem>) => body.errors.map(({ field }) => field)

describe('the table of this file', () => {
  it('has a valid body for every endpoint that takes one', () => {
    for (const endpoint of all.filter(({ body }) => body))
      expect(checker(endpoint.body!)(bodyOf(endpoint)), nameOf(endpoint)).toMatchObject({ ok: true })
  })
})

describe.each(all.filter(({ body }) => body).map(named))('the body of %s', (_, endpoint) => {
  const send = (body: unknown, headers?: Record<string, string>) =>
    refused(callerOf(endpoint), endpoint.method, at(endpoint), body, headers)

  it('with any fault is refused, and the field is named [S5, S6]', async () => {
    for (const { what, field, body } of mutations(endpoint.body!, bodyOf(endpoint)!)) {
      const reply = await send(body)
      expect([what, reply.status, reply.body.code]).toEqual([what, 400, 'invalid'])
      expect(fieldsOf(reply), what).toContain(field)
    }
  })

  it('that is not an object is refused', async () => {
    for (const body of ['null', '[]', '[{}]', '"text"', '7', 'true', '[[]]', '""'])
      expect([body, (await send(body)).status]).toEqual([body, 400])
  })

  it('that is empty is refused where something is required', async () => {
    if (!(endpoint.body as { required?: string[] }).required?.length) return
    for (const body of ['', '{}']) {
      const reply = await send(body)
      expect(reply.status).toBe(400)
      expect(fieldsOf(reply).every((field) => field !== undefined)).toBe(true)
    }
    expect((await refused(callerOf(endpoint), endpoint.method, at(endpoint))).status).toBe(400)
  })

  it('that is not JSON is refused', async () => {
    const broken = [
      '{',
      '{"a":}',
      "{'a':1}",
      '{"a":1}}',
      'undefined',
      '\u0000',
      '{"a":NaN}',
      '{"a":"\u0000"}',
      '\ufeff[',
    ]
    for (const body of broken) expect([body, (await send(body)).status]).toEqual([body, 400])
    expect((await send(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]))).status).toBe(400)
  })

  it('that is too deep or tampers with prototypes is refused', async () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    for (const body of [deep, `{"a":${deep}}`])
      for (const headers of [{}, { 'idempotency-key': newId() }]) expect((await send(body, headers)).status).toBe(400)
    const good = JSON.stringify(bodyOf(endpoint)).slice(0, -1)
    for (const field of ['__proto__', 'constructor', 'prototype'])
      expect([field, (await send(`${good},"${field}":{"role":"admin"}}`)).status]).toEqual([field, 400])
  })

  it('that is huge is refused as too large', async () => {
    for (const bytes of [66_000, 300_000])
      expect([bytes, (await send(JSON.stringify({ title: 'x'.repeat(bytes) }))).status]).toEqual([bytes, 413])
  })

  it('in a format other than JSON is refused', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'nonsense',
    ])
      expect([type, (await send(JSON.stringify(bodyOf(endpoint)), { 'content-type': type })).status]).toEqual([
        type,
        415,
      ])
  })
})

describe.each(all.filter(({ method, body }) => method !== 'GET' && !body).map(named))(
  'a body for %s, which takes none',
  (_, endpoint) => {
    it('is refused, however deep it is', async () => {
      const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
      for (const body of ['{"a":1}', '[[]]', '7', 'null', deep]) {
        const headers = { 'idempotency-key': newId() }
        const reply = await refused(callerOf(endpoint), endpoint.method, at(endpoint, newId()), body, headers)
        expect([body.slice(0, 9), reply.status]).toEqual([body.slice(0, 9), 400])
      }
    })
  },
)

describe('a price', () => {
  const bad = [49, 0, -4500, 100_000_000, 19.99, 0.001, '45', '4500', null, [4500], { $gt: 0 }, true, 1e308]

  it.each(['POST /api/tickets', 'PUT /api/tickets/:id', 'PATCH /api/tickets/:id'])(
    'that is not a whole number of minor units between 50 and 99999999 is refused by %s [P4]',
    async (name) => {
      const endpoint = all.find((one) => nameOf(one) === name)!
      for (const price of bad) {
        const reply = await refused(seller, endpoint.method, at(endpoint), { ...ticket, price })
        expect([price, reply.status, ...fieldsOf(reply)]).toEqual([price, 400, 'price'])
      }
    },
  )

  it('at either end of the range is accepted unchanged [P4]', async () => {
    for (const price of [50, 99_999_999]) expect((await listTicket(seller, { price })).price).toBe(price)
  })
})

describe('half a character (a lone surrogate)', () => {
  const half = '\ud800'
  it.each([
    ['POST /api/users/signup', { name: half }],
    ['PATCH /api/users/me', { name: half }],
    ['POST /api/users/:id/ban', { reason: half }],
    ['POST /api/tickets', { title: half }],
    ['POST /api/tickets', { description: half }],
    ['POST /api/tickets', { event: { ...event, name: half, city: half } }],
    ['POST /api/tickets', { seat: { row: half } }],
    ['PATCH /api/tickets/:id', { title: `a${half}b` }],
  ])('in %s is refused: %j', async (name, wrong) => {
    const endpoint = all.find((one) => nameOf(one) === name)!
    const reply = await refused(callerOf(endpoint), endpoint.method, at(endpoint), { ...bodyOf(endpoint), ...wrong })
    expect(reply.status).toBe(400)
  })
})

describe('text that is only unusual', () => {
  it.each([
    '🎫🎸',
    'Ænima é',
    '  blanks around  ',
    '日本武道館',
    "Robert'); drop table tickets;--",
    '<script>',
    '\\u0000',
    '👩‍👩‍👧',
    '{}',
    'سيمفونية القاهرة',
    'הופעה \u200fשל\u200e U2',
    'नमस्ते\u200dभारत',
    'می\u200cخواهم',
    '🏴\u{e0067}\u{e0062}\u{e007f}',
    'e\u0301',
  ])('%j is kept unchanged', async (title) => {
    const listed = await seller.expect<Ticket>(201, 'POST', '/api/tickets', {
      ...ticket,
      title,
      seat: { section: title },
    })
    const read = await visitor.expect<Ticket>(200, 'GET', `/api/tickets/${listed.id}`)
    expect([read.title.trim(), read.seat?.section?.trim()]).toEqual([title.trim(), title.trim()])
  })

  it('that is long and ends badly is refused', async () => {
    await refused(seller, 'POST', '/api/tickets', { ...ticket, title: `${'a'.repeat(60_000)}\u0000` })
    await refused(visitor, 'POST', '/api/users/signup', {
      email: `${'a'.repeat(60_000)}@`,
      password: 'a good password',
    })
  })

  it('that is a million letters long is scanned once: a backtracking pattern would take hours', () => {
    const patterns = new Set(JSON.stringify(endpoints).match(/"pattern":"(?:[^"\\]|\\.)*"/g))
    expect(patterns.size).toBeGreaterThan(5)
    for (const found of patterns) {
      const { pattern } = JSON.parse(`{${found}}`) as { pattern: string }
      const check = checker(Type.String({ pattern }))
      for (const letter of ['a', '1', ' ', '.', 'a.', 'a@', '-'])
        for (const end of ['\u0000', '@', ' ', '.']) check(letter.repeat(1_000_000) + end)
    }
  })
})

describe('what a schema cannot express about an event is refused too', () => {
  it.each([
    ['a time zone that does not exist', { event: { ...event, timeZone: 'Mars/Olympus' } }, 'event.timeZone'],
    ['a day that does not exist', { event: { ...event, startsAt: '2099-02-30T20:00:00Z' } }, 'event.startsAt'],
    ['an hour that does not exist', { event: { ...event, startsAt: '2099-02-01T25:00:00Z' } }, 'event.startsAt'],
    ['a start in the past', { event: { ...event, startsAt: '2001-01-01T20:00:00Z' } }, 'event.startsAt'],
    ['an event that nobody knows', { event: undefined, eventId: newId() }, 'eventId'],
    ['two events', { eventId: newId() }, 'event'],
  ])('%s', async (_, wrong, field) => {
    const reply = await refused(seller, 'POST', '/api/tickets', { ...ticket, ...wrong })
    expect([reply.status, ...fieldsOf(reply)]).toEqual([400, field])
  })
})

const withId = all.filter(({ path }) => path.includes(':id'))

describe.each(withId.map(named))('the id of %s', (_, endpoint) => {
  it('that is malformed or unknown finds nothing [U2]', async () => {
    const id = goodId(endpoint.path)
    const malformed = [
      ...[
        'nonsense',
        '1',
        '-1',
        '0',
        'null',
        'undefined',
        'NaN',
        '%00',
        '%20',
        '%27%20or%201=1--',
        '%7B%22$ne%22:null%7D',
      ],
      ...[id.toUpperCase().replace(/\d/g, 'A'), id.replaceAll('-', ''), `${id}%00`, `%20${id}`, `${id}0`, id.slice(1)],
      ...['x'.repeat(199), '..%2f..%2fetc%2fpasswd', '%ed%a0%80', '%', '%zz', '😀', id.replace(/.$/, 'g')],
      newId(),
    ]
    for (const bad of malformed) {
      const reply = await refused(callerOf(endpoint), endpoint.method, at(endpoint, bad), bodyOf(endpoint))
      expect([bad, reply.status, reply.body.code]).toEqual([bad, 404, 'not-found'])
    }
  })

  it('that is endless is refused as too large', async () => {
    const path = at(endpoint, 'x'.repeat(3_000))
    expect((await refused(callerOf(endpoint), endpoint.method, path, bodyOf(endpoint))).status).toBe(413)
  })
})

const withQuery = all.filter(({ query }) => query)

describe.each(withQuery.map(named))('the query of %s', (_, endpoint) => {
  type Fields = Parameters<typeof wrongValues>[0]['properties']
  const fields = (endpoint.query as unknown as { properties: NonNullable<Fields> }).properties
  const ask = (query: string) => refused(callerOf(endpoint), endpoint.method, `${at(endpoint)}?${query}`)
  const also = (name: string) => (requiredQuery(endpoint).startsWith(`${name}=`) ? '' : requiredQuery(endpoint))

  it('with a bad value is refused, and the field is named', async () => {
    for (const [name, schema] of Object.entries(fields)) {
      const texts = wrongValues(schema)
        .filter((value) => typeof value === (schema.type === 'integer' ? 'number' : 'string'))
        .concat(schema.type === 'integer' ? ['', 'abc', '1e1000', '0x10', '10;drop', '%00', '1,2'] : ['%00'])
      for (const text of texts) {
        const encoded = text === '%00' ? text : encodeURIComponent(String(text))
        const reply = await ask([`${name}=${encoded}`, also(name)].filter(Boolean).join('&'))
        expect([name, text, reply.status, ...fieldsOf(reply)]).toEqual([name, text, 400, name])
      }
      const twice = await ask(`${name}=a&${name}=b`)
      expect([name, twice.status, ...fieldsOf(twice)]).toEqual([name, 400, name])
      for (const odd of [`${name}[$ne]=`, `${name}[]=a`, `${name}.x=1`])
        expect([odd, (await ask([odd, requiredQuery(endpoint)].filter(Boolean).join('&'))).status]).toEqual([odd, 400])
    }
  })

  it('with an unknown field is refused', async () => {
    for (const name of ['surprise', 'offset', '__proto__', 'constructor', 'toString']) {
      const reply = await ask([`${name}=1`, requiredQuery(endpoint)].filter(Boolean).join('&'))
      expect([name, reply.status, ...fieldsOf(reply)]).toEqual([name, 400, name])
    }
  })

  it('with a cursor of another list is refused', async () => {
    if (!endpoint.paged) return
    const cursor = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')
    const bad = [
      ...['nonsense', '_', '-', '0', cursor(null), cursor({}), cursor([]), cursor([null]), cursor(['x']), cursor([1])],
      ...[
        cursor({ $ne: null }),
        cursor([{ $gt: '' }]),
        cursor([1, 2, 3, 4]),
        cursor(["' or 1=1"]),
        cursor('2026'),
        cursor([[newId()]]),
      ],
      ...[
        cursor([2 ** 31, newId()]),
        cursor(['2026-99-99T00:00:00Z', newId()]),
        cursor(['2026-02-30T00:00:00.000Z', newId()]),
        cursor(['2026-06-30T23:59:60.000Z', newId()]),
        cursor(['2026-06-30 (a comment)', newId()]),
        cursor([`${newId()}\u0000`]),
        cursor([1.5, newId()]),
      ],
      ...[cursor(['275761-01-01T00:00:00Z', newId()]), cursor(['2026', newId()]), cursor([newId(), newId()])],
    ]
    const sorts = 'sort' in fields ? (fields.sort as unknown as { enum: string[] }).enum : [null]
    for (const sort of sorts) {
      for (const after of bad) {
        const reply = await ask(`after=${after}${sort ? `&sort=${sort}` : ''}`)
        expect([after, sort, reply.status, ...fieldsOf(reply)]).toEqual([after, sort, 400, 'after'])
      }
    }
  })
})
