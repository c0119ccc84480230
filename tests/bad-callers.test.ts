// Access control on every route: a call without a session, by the wrong person, with the wrong method or a bad
// Idempotency-Key is refused with its own status, in the common form of all refusals.

import { endpoints } from '@aisle/contracts/api/index'
import type { Endpoint, Problem } from '@aisle/contracts/endpoint'
import { Problem as ProblemSchema } from '@aisle/contracts/endpoint'
import { checker } from '@aisle/kit/check'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from './client.ts'
import { closeWorld } from './invariants.ts'
import { buy, listTicket, openWorld, refusalOf, reserve, type World, worldServices } from './world.ts'

// Requests signed by the provider are covered by journeys/webhooks.test.ts, streams by journeys/live.test.ts.
const all = Object.values(endpoints)
  .flat()
  .filter(({ signed, stream }) => !signed && !stream)
const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`
const named = (endpoint: Endpoint): [string, Endpoint] => [nameOf(endpoint), endpoint]

let world: World
let seller: Client
let buyer: Client
let stranger: Client & { user: { id: string } }
let admin: Client
/** For each service, an object of another user, by path prefix. */
let ids: Record<string, string>
let orderId: string
let eventId: string

beforeAll(async () => {
  world = await openWorld()
  ;[seller, buyer, stranger] = [await world.member(), await world.member(), await world.member()]
  admin = await world.admin()
  const { payment, order } = await buy(world, seller, buyer)
  const listed = await listTicket(seller)
  orderId = order.id
  eventId = listed.event!.id
  const open = await reserve(buyer, (await listTicket(seller)).id)
  const [device] = await seller.expect<{ id: string }[]>(200, 'GET', '/api/users/me/sessions')
  ids = {
    tickets: listed.id,
    events: eventId,
    orders: open.id,
    payments: payment.id,
    users: stranger.user.id,
    sessions: device!.id,
    mailbox: newId(),
    passkeys: newId(),
  }
})
afterAll(() => closeWorld(world))

/** The word before `:id` names the object, except for actions on it: /api/users/me/sessions/:id, /api/users/:id/ban. */
const at = ({ path }: Pick<Endpoint, 'path'>) => path.replace(':id', ids[/(\w+)\/:id/.exec(path)?.[1] ?? ''] ?? '')
/** A passkey and a signature in the right form. */
const made = { id: 'bm9uZQ', clientDataJSON: 'e30', attestationObject: 'oA', transports: ['internal'] }
const signed = { id: 'bm9uZQ', clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA', userHandle: 'AA' }

const body: Record<string, () => unknown> = {
  'POST /api/users/signup': () => ({ email: `${newId()}@aisle.test`, password: 'a good password' }),
  'POST /api/users/signin': () => ({ email: 'nobody@aisle.test', password: 'a good password' }),
  'POST /api/users/signin/second': () => ({ challenge: 'none', code: '123456' }),
  'PATCH /api/users/me': () => ({ name: 'Mallory' }),
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
  'POST /api/users/:id/ban': () => ({ reason: 'envy' }),
  'POST /api/admin/tickets/:id/withdrawal': () => ({ reason: 'envy' }),
  'POST /api/admin/orders/:id/cancellation': () => ({ reason: 'envy' }),
  'POST /api/tickets': () => ({ title: 'One seat', price: 4500 }),
  'PUT /api/tickets/:id': () => ({ title: 'Mine now', price: 50 }),
  'PATCH /api/tickets/:id': () => ({ price: 50 }),
  'POST /api/orders': () => ({ ticketId: ids.tickets }),
  'POST /api/payments': () => ({ orderId: ids.orders, token: 'tok_visa' }),
  'POST /api/payments/:id/refunds': () => ({}),
  'POST /api/notices/read': () => ({ upTo: newId() }),
  'PATCH /api/notices/mail': () => ({ kind: 'reserved', mail: true }),
}
const call = (client: Client, endpoint: Endpoint, headers: Record<string, string> = {}) => {
  const query = nameOf(endpoint) === 'GET /api/payments' ? `?orderId=${orderId}` : ''
  return client.send<Problem>(endpoint.method, at(endpoint) + query, body[nameOf(endpoint)]?.(), headers)
}

const forged =
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciLCJyb2xlIjoiYWRtaW4iLCJpYXQiOjEsImV4cCI6OTk5OTk5OTk5OX0.'

describe('without a session', () => {
  const cookies = [
    '',
    'session=',
    'session=nonsense',
    'session=a.b.c',
    `session=${forged}`,
    'session=%00',
    'session=%zz;;=',
  ]

  it.each(all.filter(({ who }) => who !== 'anyone').map(named))('%s is refused with 401 [U2]', async (_, endpoint) => {
    for (const cookie of cookies) {
      const client = Object.assign(world.visitor(), { cookie })
      expect([cookie, ...refusalOf(await call(client, endpoint))]).toEqual([cookie, 401, 'not-signed-in'])
    }
  })

  it.each(all.filter(({ who }) => who !== 'anyone').map(named))(
    '%s is refused with 401 before the response reveals anything else about the request [U2]',
    async (_, endpoint) => {
      const path = endpoint.path.replace(':id', 'nonsense')
      const reply = await world
        .visitor()
        .send(endpoint.method, `${path}?surprise=1`, endpoint.body ? { surprise: 1 } : undefined)
      expect(refusalOf(reply)).toEqual([401, 'not-signed-in'])
    },
  )
})

describe('what only an admin may do', () => {
  it.each(all.filter(({ who }) => who === 'admin').map(named))(
    '%s is refused to others with 403 [S11]',
    async (_, endpoint) => {
      for (const client of [seller, buyer, stranger])
        expect(refusalOf(await call(client, endpoint))).toEqual([403, 'admins-only'])
    },
  )

  it('exists', () => expect(all.some(({ who }) => who === 'admin')).toBe(true))
})

describe("another user's object", () => {
  /**
   * Every user endpoint that names an object in its path, and some that name one in the body or query: who is
   * denied, and with which code.
   */
  const others: Record<string, () => [Client, string][]> = {
    'PUT /api/tickets/:id': () => [
      [buyer, 'forbidden'],
      [admin, 'forbidden'],
    ],
    'PATCH /api/tickets/:id': () => [
      [buyer, 'forbidden'],
      [stranger, 'forbidden'],
    ],
    'DELETE /api/tickets/:id': () => [
      [buyer, 'forbidden'],
      [stranger, 'forbidden'],
    ],
    'POST /api/orders': () => [[seller, 'own-ticket']],
    'GET /api/orders/:id': () => [
      [stranger, 'forbidden'],
      [seller, 'forbidden'],
    ],
    'DELETE /api/orders/:id': () => [
      [stranger, 'forbidden'],
      [seller, 'forbidden'],
    ],
    'POST /api/payments': () => [
      [stranger, 'forbidden'],
      [seller, 'forbidden'],
      [admin, 'forbidden'],
    ],
    'GET /api/payments': () => [[stranger, 'forbidden']],
    'GET /api/payments/:id': () => [[stranger, 'forbidden']],
    'POST /api/payments/:id/refresh': () => [[stranger, 'forbidden']],
    'POST /api/payments/:id/refunds': () => [
      [stranger, 'forbidden'],
      [buyer, 'forbidden'],
    ],
    // The response does not reveal whether it exists.
    'PATCH /api/users/me/passkeys/:id': () => [[stranger, 'not-found']],
    'DELETE /api/users/me/passkeys/:id': () => [[stranger, 'not-found']],
    'DELETE /api/users/me/sessions/:id': () => [
      [stranger, 'not-found'],
      [admin, 'not-found'],
    ],
  }

  it('is tried with every user endpoint that names one', () => {
    const naming = all.filter(({ who, path }) => who === 'user' && path.includes(':id')).map(nameOf)
    expect(naming.filter((name) => !others[name])).toEqual([])
  })

  it.each(all.filter((endpoint) => others[nameOf(endpoint)]).map(named))(
    'is refused by %s [U2]',
    async (name, endpoint) => {
      for (const [client, code] of others[name]!()) {
        const status = code === 'not-found' ? 404 : 403
        expect(refusalOf(await call(client, endpoint))).toEqual([status, code])
      }
    },
  )
})

describe('a bad Idempotency-Key', () => {
  const bad = ['', ' ', 'two words', 'x'.repeat(256), 'ümlaut', 'a\tb']

  it.each(all.filter(({ method }) => method !== 'GET').map(named))(
    'of %s is refused and the header is named',
    async (_, endpoint) => {
      const client = endpoint.who === 'admin' ? admin : seller
      for (const key of bad) {
        const reply = await call(client, endpoint, { 'idempotency-key': key })
        expect([key, ...refusalOf(reply), reply.body.errors[0]?.field]).toEqual([
          key,
          400,
          'invalid',
          'Idempotency-Key',
        ])
      }
    },
  )
})

describe('a wrong method', () => {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
  const paths = [...new Set(all.map(({ path }) => path))]

  it.each(paths)('on %s is refused with 405 and the allowed ones are listed', async (path) => {
    const asked = at({ path })
    const allowed = all
      .filter((endpoint) => new RegExp(`^${endpoint.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(asked))
      .map(({ method }) => method as string)
    for (const method of methods.filter((one) => !allowed.includes(one))) {
      for (const client of [seller, world.visitor()]) {
        const reply = await client.send(method, asked, method === 'GET' ? undefined : {})
        expect([method, ...refusalOf(reply)]).toEqual([method, 405, 'method-not-allowed'])
        const told = new Set([...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])
        expect(reply.headers.get('allow')?.split(', ').toSorted()).toEqual([...told].toSorted())
      }
    }
  })
})

describe('an address that is none', () => {
  const nowhere = [
    ...['/api', '/api/', '/api/nonsense', '/api/users', '/api/users/nonsense', '/api/tickets/a/b', '/api/orders/a/b/c'],
    ...[
      '/api/payments/x/y',
      '/api/ticketsx',
      '/api//tickets',
      '/api/%74ickets/a/b',
      '/api/tickets/%',
      '/api/events/a/%zz',
    ],
    ...['/admin', '/.env', '/api/../.env', '/favicon.ico', '/__proto__', '/api/expiration'],
    ...['/metrics', '/api/users/%2e%2e/metrics', `/api/${'x'.repeat(2_000)}`],
  ]

  it.each(nowhere)('%s is answered with 404 in the same form, at the front door and by the services', async (path) => {
    for (const method of ['GET', 'POST']) {
      const reply = await world.visitor().send(method, path, method === 'POST' ? {} : undefined)
      expect([method, ...refusalOf(reply)]).toEqual([method, 404, 'not-found'])
      expect(reply.headers.get('content-type')).toContain('application/problem+json')
    }
  })

  it('is answered in that form by each service too', async () => {
    for (const name of worldServices) {
      const [address] = world.stack.origins(name)
      for (const path of ['/', '/api/nonsense', '/x'.repeat(100), '/%zz', '/%']) {
        const response = await fetch(`${address}${path}`)
        const problem = await response.json()
        expect([name, path, response.status]).toEqual([name, path, path.includes('%') ? expect.any(Number) : 404])
        expect(response.status).toBeLessThan(500)
        expect(checker(ProblemSchema)(problem)).toMatchObject({ ok: true })
      }
    }
  })
})
