// The audit log: what an admin finds in the log of each service, and what it never contains.

import { services } from '@aisle/contracts/endpoint'
import type { AuditEntry, User } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { buy, openWorld, refusalOf, type World } from '../world.ts'

const password = 'a good password'

let world: World
let admin: Client & { id: string }
beforeAll(async () => {
  world = await openWorld()
  const client = await world.admin()
  const { currentUser } = await client.expect<{ currentUser: User }>(200, 'GET', '/api/users/currentuser')
  admin = Object.assign(client, { id: currentUser.id })
})
afterAll(() => closeWorld(world))

const read = (service: string, query = '') =>
  admin.expect<AuditEntry[]>(200, 'GET', `/api/admin/audit/${service}?limit=100${query}`)
/** The entries of a service about a user, oldest first: action, outcome. */
const told = async (service: string, userId: string) =>
  (await read(service, `&user=${userId}`)).toReversed().map(({ action, outcome }) => `${action} ${outcome}`)
const sidOf = ({ cookie }: Client): string => JSON.parse(Buffer.from(cookie.split('.')[1]!, 'base64url').toString()).sid

describe('an account', () => {
  it('has its sign-ins, good and bad, its sessions’ ends, its new password and its bans in the log', async () => {
    const user = await world.member('Ann Auditor')
    const { id, email } = user.user
    const session = sidOf(user)
    const wrong = { email, password: 'not this one' }
    for (let i = 0; i < 3; i++) await world.visitor().send('POST', '/api/users/signin', wrong)
    const other = world.visitor()
    await other.expect(200, 'POST', '/api/users/signin', { email, password })
    const otherSession = sidOf(other)
    await user.expect(204, 'DELETE', `/api/users/me/sessions/${otherSession}`)
    await user.send('PATCH', '/api/users/me', { password: 'a better one still', currentPassword: 'a guess' })
    await user.expect(200, 'PATCH', '/api/users/me', { password: 'a better one still', currentPassword: password })
    await user.expect(200, 'POST', '/api/users/signout')
    await admin.expect(204, 'POST', `/api/users/${id}/ban`, { reason: 'a test' })
    await world.visitor().send('POST', '/api/users/signin', { email, password: 'a better one still' })
    await admin.expect(204, 'DELETE', `/api/users/${id}/ban`)
    const expected = [
      'ban done',
      'password-change done',
      'password-change wrong-password',
      'sign-in banned',
      'sign-in done',
      'sign-in invalid-credentials',
      'sign-out done',
      'sign-up done',
      'unban done',
    ]
    await until(
      async () => [...new Set(await told('auth', id))].toSorted(),
      (actions) => expected.every((action) => actions.includes(action)),
      'everything to be on record',
    )
    const entries = await read('auth', `&user=${id}`)
    const bad = entries.filter(({ outcome }) => outcome === 'invalid-credentials')
    expect(bad.reduce((sum, { times }) => sum + times, 0)).toBe(3)
    const one = (action: string, outcome = 'done') =>
      entries.find((entry) => entry.action === action && entry.outcome === outcome)
    expect(one('sign-up')).toMatchObject({ actor: id, session, subject: id, times: 1 })
    expect(one('sign-up')?.address).toMatch(/^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/)
    expect(one('sign-in')).toMatchObject({ actor: id, session: otherSession, subject: id })
    expect(one('ban')).toMatchObject({ actor: admin.id, subject: id })
    expect(await read('auth', '&action=session-end')).toMatchObject([{ actor: id, session, subject: otherSession }])
  })

  it('that does not exist leaves no trace of the address that was typed', async () => {
    const email = 'somebody.private@example.com'
    await world.visitor().send('POST', '/api/users/signin', { email, password: 'not this one' })
    await world.visitor().send('POST', '/api/users/signup', { email, password })
    await admin.expect(200, 'GET', `/api/admin/users?q=${email}`)
    await until(
      () => read('auth', '&action=accounts-read'),
      ([entry]) => entry?.detail === 'by email',
      'the search to be on record',
    )
    for (const service of services) expect(JSON.stringify(await read(service))).not.toMatch(/private|@|password1|good/)
  })
})

describe('money and what admins do', () => {
  it('are in the log: refunds, views of orders and payments, comparisons, replays', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { order, payment, ticket } = await buy(world, seller, buyer)
    await seller.expect(201, 'POST', `/api/payments/${payment.id}/refunds`, { amount: 1000 })
    await admin.expect(200, 'GET', `/api/admin/payments?orderId=${order.id}`)
    await admin.expect(200, 'GET', `/api/payments/${payment.id}`)
    await admin.expect(200, 'GET', `/api/admin/orders?ticketId=${ticket.id}`)
    await admin.expect(200, 'GET', `/api/admin/orders/${order.id}`)
    await admin.expect(200, 'GET', `/api/admin/tickets?sellerId=${seller.user.id}`)
    await admin.expect(200, 'POST', '/api/payments/comparisons')
    await admin.expect(200, 'POST', '/api/admin/messages/tickets/replays', {})
    expect(await read('payments', '&action=refund')).toMatchObject([
      { actor: seller.user.id, session: sidOf(seller), subject: payment.id, outcome: 'done', detail: '1000 usd' },
    ])
    expect((await read('payments', '&action=payments-read')).map(({ actor, subject }) => [actor, subject])).toEqual([
      [admin.id, order.id],
      [admin.id, order.id],
    ])
    expect((await read('orders', `&user=${admin.id}`)).map(({ action, subject }) => [action, subject])).toEqual([
      ['orders-read', order.id],
      ['orders-read', ticket.id],
    ])
    expect(await read('tickets', '&action=tickets-read')).toMatchObject([{ actor: admin.id, subject: seller.user.id }])
    expect(await read('payments', '&action=books-comparison')).toMatchObject([
      { actor: admin.id, detail: expect.stringMatching(/^\d+ compared, 0 differences$/) },
    ])
    expect(await read('tickets', '&action=message-replay')).toMatchObject([
      { actor: admin.id, detail: '0 dead letters' },
    ])
    // The buyer and the seller are not audited when they look at their own sale.
    await buyer.expect(200, 'GET', `/api/payments/${payment.id}`)
    expect(await read('payments', `&action=payments-read&user=${buyer.user.id}`)).toEqual([])
  })

  it('that did not happen are not in the log', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { payment } = await buy(world, seller, buyer)
    const refused = await seller.send('POST', `/api/payments/${payment.id}/refunds`, { amount: 999_999 })
    expect(refused.status).toBe(409)
    expect(await read('payments', `&user=${payment.id}`)).toEqual([])
  })
})

describe('a denied request', () => {
  it('is in the log with what it wanted: a stranger, another user, a page of another site, a forged webhook', async () => {
    const user = await world.member()
    const { order } = await buy(world, await world.member(), await world.member())
    for (let i = 0; i < 5; i++) await world.visitor().send('GET', '/api/orders')
    await user.send('GET', `/api/orders/${order.id}`)
    await user.send('GET', '/api/admin/orders')
    await user.send('POST', '/api/orders', { ticketId: order.id }, { origin: 'https://evil.example' })
    await world.visitor().send('POST', '/api/payments/webhooks/stripe', '{}', { 'stripe-signature': 't=1,v1=0' })
    const access = async () =>
      (await read('orders', '&action=access')).map(({ actor, outcome, detail }) => [actor, outcome, detail])
    await until(access, (entries) => entries.length >= 4, 'the refusals to be on record')
    expect(await access()).toEqual(
      expect.arrayContaining([
        [undefined, 'not-signed-in', 'GET /api/orders'],
        [user.user.id, 'forbidden', 'GET /api/orders/:id'],
        [user.user.id, 'admins-only', 'GET /api/admin/orders'],
        [undefined, 'cross-origin', 'POST /api/orders'],
      ]),
    )
    await until(
      () => read('payments', '&action=webhook'),
      ([entry]) => entry?.outcome === 'bad-signature',
      'the forged webhook to be on record',
    )
  })

  it('reveals nothing of the log', async () => {
    const user = await world.member()
    for (const service of services) {
      expect(refusalOf(await user.send('GET', `/api/admin/audit/${service}`))).toEqual([403, 'admins-only'])
      expect(refusalOf(await world.visitor().send('GET', `/api/admin/audit/${service}`))).toEqual([
        401,
        'not-signed-in',
      ])
    }
  })
})

describe('the log', () => {
  it('is read page by page, newest first, from any entry on', async () => {
    for (let i = 0; i < 5; i++) await world.member()
    const all = await read('auth', '&action=sign-up')
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .toSorted()
        .reverse(),
    )
    const walked: string[] = []
    let path: string | undefined = '/api/admin/audit/auth?action=sign-up&limit=2'
    while (path) {
      const page: Awaited<ReturnType<Client['send']>> = await admin.send('GET', path)
      walked.push(...(page.body as AuditEntry[]).map(({ id }) => id))
      path = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1]
    }
    expect(walked).toEqual(all.map(({ id }) => id))
  })

  it.each(['user=nonsense', 'action=nonsense', 'after=nonsense', 'limit=0', 'surprise=1'])(
    'refuses %s',
    async (query) =>
      expect(refusalOf(await admin.send('GET', `/api/admin/audit/auth?${query}`))).toEqual([400, 'invalid']),
  )
})
