// Signing in and out, and access: sessions end everywhere at once if their owner or an admin ends them.

import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Order, SignedInDevice, User } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../client.ts'
import { listen } from '../event-stream.ts'
import { closeWorld } from '../invariants.ts'
import { buy, listTicket, openWorld, refusalOf, reserve, ticketIn, type World } from '../world.ts'

const password = 'a good password'

let world: World
let orderId: string
beforeAll(async () => {
  world = await openWorld()
  orderId = (await buy(world, await world.member('Seller'), await world.member('Buyer'))).order.id
})
afterAll(() => closeWorld(world))

async function signIn(email: string, secret = password): Promise<Client> {
  const client = world.visitor()
  await client.expect(200, 'POST', '/api/users/signin', { email, password: secret })
  return client
}

/** Whether each service, asked at its own address, accepts the session. */
const letsIn: Record<string, (client: Client) => Promise<boolean>> = {
  auth: async (client) =>
    (await client.expect<{ currentUser: User | null }>(200, 'GET', '/api/users/currentuser')).currentUser !== null,
  tickets: async (client) => (await client.send('GET', '/api/tickets/mine')).status !== 401,
  orders: async (client) => (await client.send('GET', '/api/orders')).status !== 401,
  // A stranger is refused with 403, and so was recognised.
  payments: async (client) => (await client.send('GET', `/api/payments?orderId=${orderId}`)).status !== 401,
}

/** The services that still accept the session, each as often as it has replicas that do. */
async function knownTo(session: Client): Promise<string[]> {
  const known: string[] = []
  for (const [service, lets] of Object.entries(letsIn)) {
    for (const origin of world.stack.origins(service as ServiceName)) {
      const direct = new Client(origin)
      direct.cookie = session.cookie
      if (await lets(direct)) known.push(service)
    }
  }
  return known
}

const everywhere = () =>
  Object.keys(letsIn).flatMap((service) => world.stack.origins(service as ServiceName).map(() => service))

/** A few hundred milliseconds on an idle machine: a message, and the next poll of a table (`kit/boot/start.ts`). */
const refusedEverywhere = (session: Client) =>
  until(
    () => knownTo(session),
    (known) => known.length === 0,
    'the session to be refused by every service',
  )

describe('a banned user', () => {
  it('is refused by every service, and admitted again when the ban is lifted', async () => {
    const [admin, user] = [await world.admin(), await world.member()]
    const listed = await listTicket(user)
    const elsewhere = await signIn(user.user.email)
    expect([await knownTo(user), await knownTo(elsewhere)]).toEqual([everywhere(), everywhere()])

    await admin.expect(204, 'POST', `/api/users/${user.user.id}/ban`, { reason: 'sold a ticket twice' })
    await refusedEverywhere(user)
    await refusedEverywhere(elsewhere)
    expect(refusalOf(await user.send('POST', '/api/orders', { ticketId: listed.id }))).toEqual([401, 'not-signed-in'])
    const right = await world.visitor().send('POST', '/api/users/signin', { email: user.user.email, password })
    expect(refusalOf(right)).toEqual([403, 'banned'])
    const wrong = await world
      .visitor()
      .send('POST', '/api/users/signin', { email: user.user.email, password: 'a guess' })
    expect(refusalOf(wrong)).toEqual([401, 'invalid-credentials'])

    await admin.expect(204, 'DELETE', `/api/users/${user.user.id}/ban`)
    expect(await knownTo(user)).toEqual([])
    expect(await knownTo(await signIn(user.user.email))).toEqual(everywhere())
  })

  it('can only be banned by an admin [S11]', async () => {
    const [user, other] = [await world.member(), await world.member()]
    const ban = `/api/users/${other.user.id}/ban`
    expect(refusalOf(await user.send('POST', ban, { reason: 'I want to' }))).toEqual([403, 'admins-only'])
    expect(refusalOf(await user.send('DELETE', ban))).toEqual([403, 'admins-only'])
    expect(refusalOf(await world.visitor().send('POST', ban, { reason: 'I want to' }))).toEqual([401, 'not-signed-in'])
    const admin = await world.admin()
    const { currentUser } = await admin.expect<{ currentUser: User }>(200, 'GET', '/api/users/currentuser')
    const self = await admin.send('POST', `/api/users/${currentUser.id}/ban`, { reason: 'by mistake' })
    expect(refusalOf(self)).toEqual([403, 'forbidden'])
    const nobody = await admin.send('POST', '/api/users/01900000-0000-7000-8000-000000000000/ban', { reason: 'who?' })
    expect(refusalOf(nobody)).toEqual([404, 'not-found'])
    expect(await knownTo(other)).toEqual(everywhere())
  })
})

describe('a user', () => {
  it('signs out here and stays signed in elsewhere', async () => {
    const here = await world.member()
    const there = await signIn(here.user.email)
    await here.expect(200, 'POST', '/api/users/signout')
    expect([here.cookie, await knownTo(here), await knownTo(there)]).toEqual(['', [], everywhere()])
  })

  it('who signs out ends the session for any copy of its cookie, in every service', async () => {
    const here = await world.member()
    const there = await signIn(here.user.email)
    const stolen = Object.assign(world.visitor(), { cookie: here.cookie })
    expect(await knownTo(stolen)).toEqual(everywhere())
    await here.expect(200, 'POST', '/api/users/signout')
    await refusedEverywhere(stolen)
    expect(await knownTo(there)).toEqual(everywhere())
    // Renewal does not revive it.
    await world.clock.advance(2 * 60 * 60 * 1000)
    expect(await knownTo(stolen)).toEqual([])
  })

  it('ends another device from the list, including its open pages', async () => {
    const here = await world.member()
    const lost = await signIn(here.user.email)
    const ticket = await listTicket(await world.member())
    const order = await reserve(lost, ticket.id)
    const devices = await here.expect<SignedInDevice[]>(200, 'GET', '/api/users/me/sessions')
    expect(devices.map(({ current }) => current)).toEqual([true, false])
    const pages = await Promise.all(
      world.stack.origins('orders').map((origin) => listen<Order>(origin, lost, `/api/orders/${order.id}/live`)),
    )
    expect(pages.map(({ status, ended }) => [status, ended()])).toEqual(pages.map(() => [200, false]))
    await here.expect(204, 'DELETE', `/api/users/me/sessions/${devices[1]!.id}`)
    // Well before the next heartbeat, which checks as well.
    await until(
      async () => pages.map(({ ended }) => ended()),
      (ended) => ended.every(Boolean),
      'the open pages to be ended',
      8_000,
    )
    await until(
      () => knownTo(lost),
      (known) => known.length === 0,
      'the session to be refused by every service',
    )
    expect(await knownTo(here)).toEqual(everywhere())
    expect(await here.expect<SignedInDevice[]>(200, 'GET', '/api/users/me/sessions')).toHaveLength(1)
    for (const page of pages) await page[Symbol.asyncDispose]()
  })

  it('with an old cookie of the same name before the valid one stays signed in everywhere', async () => {
    const here = await world.member()
    for (const old of ['session=', 'session=of.long.ago'])
      expect(await knownTo(Object.assign(world.visitor(), { cookie: `${old}; ${here.cookie}` }))).toEqual(everywhere())
  })

  it('signs out everywhere: every session ends in every service [S1]', async () => {
    const here = await world.member()
    const there = await signIn(here.user.email)
    const stolen = new Client(world.stack.url)
    stolen.cookie = here.cookie
    const stranger = await world.member()
    await here.expect(200, 'POST', '/api/users/signout-everywhere')
    await refusedEverywhere(there)
    await refusedEverywhere(stolen)
    expect(here.cookie).toBe('')
    expect(await knownTo(stranger)).toEqual(everywhere())
    expect(await knownTo(await signIn(here.user.email))).toEqual(everywhere())
  })

  it('changes the password: other sessions end, this one continues, the old password no longer works', async () => {
    const here = await world.member()
    const there = await signIn(here.user.email)
    const next = 'an even better one'
    const wrong = await here.send('PATCH', '/api/users/me', { password: next, currentPassword: 'not this' })
    expect(refusalOf(wrong)).toEqual([403, 'wrong-password'])
    expect(refusalOf(await here.send('PATCH', '/api/users/me', { password: next }))).toEqual([400, 'invalid'])
    await here.expect(200, 'PATCH', '/api/users/me', { password: next, currentPassword: password })
    await refusedEverywhere(there)
    expect(await knownTo(here)).toEqual(everywhere())
    const old = await world.visitor().send('POST', '/api/users/signin', { email: here.user.email, password })
    expect(refusalOf(old)).toEqual([401, 'invalid-credentials'])
    expect(await knownTo(await signIn(here.user.email, next))).toEqual(everywhere())
  })

  it('changes the name, and buyers of their tickets see the new one', async () => {
    const seller = await world.member('Old Name')
    const ticket = await listTicket(seller)
    await seller.expect(200, 'PATCH', '/api/users/me', { name: 'New Name', phone: '+43 1 234 567' })
    await world.settled()
    expect((await ticketIn(world.visitor(), ticket.id, 'listed')).seller.name).toBe('New Name')
    const buyer = await world.member()
    await reserve(buyer, ticket.id)
  })

  it('cannot become an admin by claiming to be one [S11]', async () => {
    const user = await world.member()
    expect(refusalOf(await user.send('PATCH', '/api/users/me', { role: 'admin' }))).toEqual([400, 'invalid'])
    const bold = { email: 'bold@aisle.test', password, role: 'admin' }
    expect(refusalOf(await world.visitor().send('POST', '/api/users/signup', bold))).toEqual([400, 'invalid'])
  })
})

describe('a password', () => {
  it.each([
    ['with blanks at its ends', '  a password with blanks  '],
    ['of 128 characters', 'x'.repeat(128)],
    ['of 8 characters in any script', 'пароль密碼🙂'],
  ])('%s works as it was typed, and in no other form [S4]', async (_, secret) => {
    const email = `${crypto.randomUUID()}@aisle.test`
    await world.visitor().expect(201, 'POST', '/api/users/signup', { email, password: secret })
    await signIn(email, secret)
    for (const near of [secret.trim(), [...secret].slice(0, -1).join(''), `${secret} `, secret.toUpperCase()].filter(
      (s) => s !== secret,
    )) {
      const reply = await world.visitor().send('POST', '/api/users/signin', { email, password: near })
      expect(reply.status).toBe(near.length > 128 ? 400 : 401)
    }
  })

  it.each([
    ['shorter than 8', '1234567'],
    ['longer than 128', 'x'.repeat(129)],
  ])('%s characters is refused [S4]', async (_, secret) => {
    const account = { email: 'short@aisle.test', password: secret }
    expect(refusalOf(await world.visitor().send('POST', '/api/users/signup', account))).toEqual([400, 'invalid'])
  })

  it('that is wrong gets the same response as an unknown email [S4]', async () => {
    const user = await world.member()
    const attempt = async (email: string) => {
      const { status, body, headers } = await world
        .visitor()
        .send<{ requestId?: string }>('POST', '/api/users/signin', { email, password: 'not the one' })
      const { requestId: _, ...rest } = body
      return { status, rest, cookies: headers.getSetCookie(), headers: [...headers.keys()].sort() }
    }
    const [known, unknown] = [await attempt(user.user.email), await attempt('nobody@aisle.test')]
    expect(known.status).toBe(401)
    expect(unknown).toEqual(known)
  })
})

describe('an email', () => {
  it('is the same account in any letter case and with surrounding blanks [S3]', async () => {
    const email = `Case.${crypto.randomUUID()}@Aisle.Test`
    await world.visitor().expect(201, 'POST', '/api/users/signup', { email, password })
    await signIn(` ${email.toUpperCase()} `)
  })
})
