// What must not get in, and what must not get out.

import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Problem } from '@aisle/contracts/endpoint'
import type { Ticket, User } from '@aisle/contracts/entities'
import { connect } from '@aisle/kit/db/connect'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, refusalOf, reserve, type World, worldServices } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

const asSession = (token: string): Client => Object.assign(world.visitor(), { cookie: `session=${token}` })

/** The user to whom each service attributes the session; none may fail on it. */
async function knownAs(client: Client): Promise<(string | null)[]> {
  const { currentUser } = await client.expect<{ currentUser: User | null }>(200, 'GET', '/api/users/currentuser')
  const known: (string | null)[] = [currentUser?.id ?? null]
  for (const path of ['/api/tickets/mine', '/api/orders', `/api/payments?orderId=${crypto.randomUUID()}`]) {
    const { status } = await client.send('GET', path)
    known.push(status === 401 ? null : 'somebody')
  }
  return known
}
const nobody = [null, null, null, null]

describe('a session', () => {
  const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url')
  const eddsa = (key: KeyObject) => (text: string) => sign(null, Buffer.from(text), key).toString('base64url')
  const token = (header: object, claims: object, signer: (text: string) => string) => {
    const text = `${part(header)}.${part(claims)}`
    return `${text}.${signer(text)}`
  }
  const ours = () => {
    const jwk = JSON.parse(world.keys.sessionPrivateKey) as { kid: string }
    return { kid: jwk.kid, key: createPrivateKey({ key: jwk as never, format: 'jwk' }) }
  }
  const claimsOf = ({ user }: { user: User }) => {
    const now = world.clock.now().getTime() / 1000
    return { iss: 'aisle', sub: user.id, role: 'user', name: user.name, iat: now, auth_time: now, exp: now + 3600 }
  }

  it('that auth has signed is known everywhere', async () => {
    const user = await world.member()
    const { kid, key } = ours()
    const made = asSession(token({ alg: 'EdDSA', kid }, claimsOf(user), eddsa(key)))
    expect(await knownAs(made)).toEqual([user.user.id, 'somebody', 'somebody', 'somebody'])
    expect(await knownAs(user)).toEqual([user.user.id, 'somebody', 'somebody', 'somebody'])
  })

  it('that is forged is no one’s [S1]', async () => {
    const user = await world.member()
    const { kid, key } = ours()
    const claims = claimsOf(user)
    const other = generateKeyPairSync('ed25519').privateKey
    const publicKey = JSON.parse(world.keys.sessionPublicKeys).keys[0].x as string
    const hmac = (text: string) => createHmac('sha256', publicKey).update(text).digest('base64url')
    const real = user.cookie.replace('session=', '')
    const { exp: _, ...endless } = claims
    const forged: Record<string, string> = {
      'without a signature': token({ alg: 'none' }, claims, () => ''),
      'without a signature, by our key': token({ alg: 'none', kid }, claims, () => ''),
      'by another key under our name': token({ alg: 'EdDSA', kid }, claims, eddsa(other)),
      'by another key': token({ alg: 'EdDSA', kid: 'other' }, claims, eddsa(other)),
      'with the public key as a secret': token({ alg: 'HS256', kid }, claims, hmac),
      'by another issuer': token({ alg: 'EdDSA', kid }, { ...claims, iss: 'elsewhere' }, eddsa(key)),
      'without an issuer': token({ alg: 'EdDSA', kid }, { ...claims, iss: undefined }, eddsa(key)),
      'without an end': token({ alg: 'EdDSA', kid }, endless, eddsa(key)),
      'for a role that there is not': token({ alg: 'EdDSA', kid }, { ...claims, role: 'root' }, eddsa(key)),
      'for nobody': token({ alg: 'EdDSA', kid }, { ...claims, sub: undefined }, eddsa(key)),
      'with its contents changed': real.replace(/\.[^.]+\./, `.${part({ ...claims, role: 'admin' })}.`),
      'cut short': real.slice(0, -4),
      nonsense: 'nonsense',
      empty: '',
    }
    for (const [how, value] of Object.entries(forged)) expect(await knownAs(asSession(value)), how).toEqual(nobody)
  })

  it('ends after twelve hours, and is renewed silently while it is used [S1]', async () => {
    const hour = 60 * 60 * 1000
    const [idle, busy] = [await world.member(), await world.member()]
    const first = busy.cookie
    await world.clock.advance(2 * hour)
    await busy.expect(200, 'GET', '/api/users/currentuser')
    expect(busy.cookie).not.toBe(first)
    await world.clock.advance(10 * hour - 1_000)
    expect((await idle.send('GET', '/api/tickets/mine')).status).toBe(200)
    await world.clock.advance(2_000)
    expect(await knownAs(idle)).toEqual(nobody)
    expect(await knownAs(asSession(first.replace('session=', '')))).toEqual(nobody)
    expect((await knownAs(busy))[0]).toBe(busy.user.id)
    const old = { ...claimsOf(idle), exp: world.clock.now().getTime() / 1000 - 1 }
    const { kid, key } = ours()
    expect(await knownAs(asSession(token({ alg: 'EdDSA', kid }, old, eddsa(key))))).toEqual(nobody)
  })

  it('is a cookie that no script can read and no other site can use [S2]', async () => {
    const { headers } = await world.visitor().send('POST', '/api/users/signup', account())
    const attributes = headers
      .getSetCookie()[0]!
      .split('; ')
      .slice(1)
      .map((attribute) => attribute.toLowerCase())
    expect(attributes.sort()).toEqual(['httponly', 'max-age=43200', 'path=/', 'samesite=lax'])
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('is a cookie for https alone where the site is on https [S2]', async () => {
    const secure = await openWorld({
      PUBLIC_URL: 'https://aisle.test',
      ENVIRONMENT: 'demo',
      MAIL_URL: 'smtp://127.0.0.1:25',
    })
    try {
      const { headers } = await secure.visitor().send('POST', '/api/users/signup', account())
      const [pair, ...attributes] = headers.getSetCookie()[0]!.split('; ')
      expect(pair).toMatch(/^__Host-session=/)
      expect(attributes.map((attribute) => attribute.toLowerCase()).sort()).toEqual([
        'httponly',
        'max-age=43200',
        'path=/',
        'samesite=lax',
        'secure',
      ])
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/)
    } finally {
      await closeWorld(secure)
    }
  })
})

const account = () => ({ email: `${crypto.randomUUID()}@aisle.test`, password: 'a good password' })

describe('an attacker who guesses passwords', () => {
  // Several processes exchange their counts twice a second, so the count is exact only for one.
  it.runIf(inject('stack') !== 'distributed')('must wait after as many attempts as the limit allows [S4]', async () => {
    const limited = await openWorld({ RATE_LIMIT: '20' })
    try {
      const guess = () => limited.visitor().send('POST', '/api/users/signin', account())
      const replies = await Promise.all(Array.from({ length: 25 }, guess))
      expect(replies.map(({ status }) => status).sort()).toEqual([...Array(20).fill(401), ...Array(5).fill(429)])
      const refused = await guess()
      expect(refusalOf(refused)).toEqual([429, 'too-many-requests'])
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      await closeWorld(limited)
    }
  })

  it.runIf(inject('stack') === 'distributed')('must wait, whichever process answers [S4]', async () => {
    const limited = await openWorld({ RATE_LIMIT: '20' })
    try {
      const guess = () => limited.visitor().send('POST', '/api/users/signin', account())
      const guesses = (count: number) => Promise.all(Array.from({ length: count }, guess))
      expect((await guesses(20)).map(({ status }) => status)).toEqual(Array(20).fill(401))
      const replies = await until(
        () => guesses(limited.stack.origins('auth').length),
        (round) => round.every(({ status }) => status === 429),
        'every process to refuse',
      )
      for (const refused of replies) {
        expect(refusalOf(refused)).toEqual([429, 'too-many-requests'])
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      }
    } finally {
      await closeWorld(limited)
    }
  })
})

describe('a response', () => {
  it('about a ticket does not say who holds it, nor more of its seller than the name [S10]', async () => {
    const [seller, buyer] = [await world.member('Public Name'), await world.member()]
    const ticket = await listTicket(seller)
    await reserve(buyer, ticket.id)
    const visitor = world.visitor()
    const one = await visitor.expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`)
    expect(one.seller).toEqual({ id: seller.user.id, name: 'Public Name' })
    const fields = [
      'createdAt',
      'currency',
      'event',
      'heldUntil',
      'id',
      'price',
      'seller',
      'status',
      'title',
      'updatedAt',
      'version',
    ]
    expect(Object.keys(one).sort()).toEqual(fields)
    const every = [
      one,
      await seller.expect<Ticket[]>(200, 'GET', '/api/tickets/mine'),
      await visitor.expect(200, 'GET', '/api/tickets'),
    ]
    expect(JSON.stringify(every)).not.toMatch(/order|email|@aisle/i)
  })

  it('about an internal fault reveals nothing of it [S7]', async () => {
    const seller = await world.member()
    await world.sql('tickets')`alter table tickets add constraint secret_rule check (title <> 'Trouble')`
    const response = await fetch(`${world.stack.url}/api/tickets`, {
      method: 'POST',
      headers: { cookie: seller.cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Trouble', price: 5000 }),
    })
    await world.sql('tickets')`alter table tickets drop constraint secret_rule`
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect(text).not.toMatch(/secret_rule|constraint|insert|postgres|tickets|\.ts|at /i)
    const problem = JSON.parse(text) as Problem
    expect([problem.code, problem.requestId]).toEqual(['internal', response.headers.get('x-request-id')])
    expect(problem.errors).toEqual([{ message: 'Something went wrong on our side.' }])
  })

  it.each([
    ['an object for an id', '/api/orders', { ticketId: { $ne: null } }],
    ['an array for an id', '/api/orders', { ticketId: ['01900000-0000-7000-8000-000000000000'] }],
    ['an object for an email', '/api/users/signin', { email: { $gt: '' }, password: 'a good password' }],
    ['an array for a password', '/api/users/signin', { email: 'a@aisle.test', password: ['a good password'] }],
    ['an object for a token', '/api/payments', { orderId: '01900000-0000-7000-8000-000000000000', token: { card: 1 } }],
    ['an array for everything', '/api/tickets', [1, 2]],
    ['text that is not JSON', '/api/tickets', '{"title": '],
    ['a prototype', '/api/tickets', '{"title": "A seat", "price": 500, "__proto__": {"role": "admin"}}'],
  ])('to %s says what is wrong with the request [S5] [S6] [S7]', async (_, path, body) => {
    const user = await world.member()
    const reply = await user.send<Problem>('POST', path, body)
    expect(refusalOf(reply)).toEqual([400, 'invalid'])
    expect(JSON.stringify(reply.body)).not.toMatch(/SyntaxError|Unexpected|node_modules|at /)
  })

  it('carries headers that keep browsers from sniffing, framing and leaking [S9]', async () => {
    for (const path of ['/api/tickets', '/api/users/currentuser', '/api/orders', '/api/payments', '/api/nothing']) {
      const { headers } = await fetch(`${world.stack.url}${path}`)
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'")
      expect(headers.get('referrer-policy'), path).toBe('strict-origin-when-cross-origin')
      expect([headers.get('x-powered-by'), headers.get('server')], path).toEqual([null, null])
    }
  })
})

describe('a request from another site', () => {
  it.each([
    ['Origin', { origin: 'https://evil.example' }],
    ['a broken Origin', { origin: 'null' }],
    ['Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site of a neighbour', { 'sec-fetch-site': 'same-site' }],
  ])('is refused by its %s, whatever it would do [S9]', async (_, headers) => {
    const user = await world.member()
    const ticket = await listTicket(user)
    const other = await world.member()
    for (const [client, method, path, body] of [
      [other, 'POST', '/api/orders', { ticketId: ticket.id }],
      [user, 'DELETE', `/api/tickets/${ticket.id}`, undefined],
      [user, 'PATCH', '/api/users/me', { name: 'Mallory' }],
      [other, 'POST', '/api/payments', { orderId: ticket.id, token: 'tok_visa' }],
      [user, 'POST', '/api/users/signout-everywhere', undefined],
    ] as const)
      expect(refusalOf(await client.send(method, path, body, headers)), path).toEqual([403, 'cross-origin'])
    await user.expect(200, 'GET', '/api/tickets/mine', undefined, headers)
  })

  it('is not what our own pages send', async () => {
    const user = await world.member()
    const own = { origin: world.stack.url, 'sec-fetch-site': 'same-origin' }
    await user.expect(201, 'POST', '/api/tickets', { title: 'A seat', price: 500 }, own)
    await user.expect(201, 'POST', '/api/tickets', { title: 'A seat', price: 500 }, { origin: world.stack.url })
  })
})

describe('a service', () => {
  it('can open no other service’s database, and read only the outbox of one [S9]', async () => {
    const tryIt = async (url: string, query: string) => {
      const sql = connect(url, { max: 1 })
      try {
        await sql.unsafe(query)
        return 'allowed'
      } catch (error) {
        return (error as { code?: string }).code
      } finally {
        await sql.end({ timeout: 1 })
      }
    }
    for (const one of worldServices)
      for (const other of worldServices) {
        if (one !== other)
          expect(await tryIt(world.databaseUrl(other, one), 'select 1'), `${one} in ${other}`).toBe('42501')
      }
    const reader = world.databaseUrl('orders', 'orders_reader')
    expect(await tryIt(reader, 'select 1 from outbox limit 1')).toBe('allowed')
    expect(await tryIt(reader, 'select 1 from orders limit 1')).toBe('42501')
    expect(await tryIt(reader, 'delete from outbox')).toBe('42501')
    expect(await tryIt(reader, 'create table mine (id int)')).toBe('42501')
    expect(await tryIt(reader.replace(/orders_reader:[^@]*@/, 'orders_reader:wrong@'), 'select 1')).toBe('28P01')
  })
})
