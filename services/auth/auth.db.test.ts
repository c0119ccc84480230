// auth over HTTP, with its own database: accounts, sessions and their end.

import { generateKeyPairSync } from 'node:crypto'
import type { Envelope } from '@aisle/contracts/message'
import { connect } from '@aisle/kit/db/connect'
import { createLog } from '@aisle/kit/log'
import { type Running, start } from '@aisle/kit/service'
import { cloneDatabases, type TestDatabases } from '@aisle/kit/testing/databases'
import { until } from '@aisle/kit/testing/settled'
import { testClock } from '@aisle/kit/testing/test-clock'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { auth } from './service.ts'

const minute = 60_000
const hour = 60 * minute
const password = 'correct horse battery'
const adminLogin = { email: 'admin@aisle.test', password }
const log = createLog('test', process.env.TEST_LOG ?? 'fatal')
const clock = testClock()

let databases: TestDatabases
let sql: ReturnType<typeof connect>
let values: Record<string, unknown>
/** Two replicas of the service, as in production. */
let replicas: [Running, Running]

beforeAll(async () => {
  databases = await cloneDatabases(inject('postgres'), ['auth'])
  sql = connect(databases.url('auth'), { max: 2 })
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const kid = 'test'
  values = {
    DATABASE_URL: databases.url('auth'),
    SESSION_PRIVATE_KEY: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }),
    SESSION_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] }),
    FINGERPRINT_SECRET: 'a secret that only this test knows',
    RATE_LIMIT: 'off',
    ADMIN_EMAIL: adminLogin.email,
    ADMIN_PASSWORD: adminLogin.password,
  }
  replicas = await Promise.all([start(auth, values, { clock, log }), start(auth, values, { clock, log })])
})
afterAll(async () => {
  for (const replica of replicas ?? []) await replica.stop()
  await sql?.end()
  await databases?.[Symbol.asyncDispose]()
})

type Reply = {
  status: number
  code?: string
  headers: Headers
  setCookie: string | null
  body: Record<string, unknown>
}

class Device {
  cookie = ''

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    at = 0,
  ): Promise<Reply> {
    const response = await fetch(`${replicas[at]?.url}/api/users/${path}`, {
      method,
      headers: { ...(this.cookie ? { cookie: this.cookie } : {}), 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const setCookie = response.headers.get('set-cookie')
    if (setCookie) this.cookie = setCookie.split(';', 1)[0] ?? ''
    const text = await response.text()
    const parsed = text ? JSON.parse(text) : {}
    return { status: response.status, code: parsed.code, headers: response.headers, setCookie, body: parsed }
  }

  signIn(email: string, given = password, headers = {}, at = 0) {
    return this.send('POST', 'signin', { email, password: given }, headers, at)
  }

  async currentUser(at = 0) {
    const { body } = await this.send('GET', 'currentuser', undefined, {}, at)
    return body.currentUser as { id: string; email: string; name?: string } | null
  }

  claims(): { iat: number; exp: number; auth_time: number; name: string; sub: string } {
    return JSON.parse(Buffer.from(this.cookie.split('.')[1] ?? '', 'base64url').toString())
  }
}

const isNobody = (user: unknown) => user === null

let members = 0
async function member(fields: { name?: string; password?: string } = {}) {
  const email = `member${++members}@aisle.test`
  const device = new Device()
  const { status, body } = await device.send('POST', 'signup', { email, password, ...fields })
  expect(status).toBe(201)
  return { device, email, id: String(body.id) }
}
async function admin() {
  const device = new Device()
  expect((await device.signIn(adminLogin.email)).body.role).toBe('admin')
  return device
}

/** What was said about a user, oldest first. */
async function saidAbout(id: string): Promise<Envelope<Record<string, unknown>>[]> {
  const rows = await sql<{ message: Envelope<Record<string, unknown>> }[]>`
    select message from outbox where message ->> 'subject' = ${id} order by xid, seq`
  return rows.map(({ message }) => message)
}

describe('a sign-up', () => {
  it('makes an account and a session, and tells the other services a name that is not the email', async () => {
    const { device, id, email } = await member()
    expect(await device.currentUser()).toEqual({ id, email, role: 'user' })
    expect((await saidAbout(id)).map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'user:created', data: { id, version: 1, name: 'Aisle member', banned: false } },
    ])
  })

  it('S2 sets a cookie that scripts cannot read, other sites cannot send and that ends', async () => {
    const { setCookie } = await new Device().send('POST', 'signup', { email: 'cookie@aisle.test', password })
    expect(setCookie).toMatch(/Max-Age=43200;.*HttpOnly;.*SameSite=Lax/)
  })

  it('S3 in another letter case finds the account taken', async () => {
    const { email } = await member()
    const reply = await new Device().send('POST', 'signup', { email: ` ${email.toUpperCase()} `, password })
    expect(reply).toMatchObject({ status: 409, code: 'email-in-use', setCookie: null })
  })

  it('S3 of 20 at once with one email gives one account', async () => {
    for (let round = 0; round < 3; round++) {
      const cased = (i: number) => (i % 2 ? `race${round}@aisle.test` : `Race${round}@Aisle.test`)
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          new Device().send('POST', 'signup', { email: cased(i), password: `password ${i}` }, {}, i % 2),
        ),
      )
      expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
      expect(replies.filter(({ code }) => code === 'email-in-use')).toHaveLength(19)
    }
  })

  it('S5 with objects, arrays or unknown fields is refused', async () => {
    for (const body of [
      {},
      [],
      { email: { $ne: null }, password },
      { email: ['a@aisle.test'], password },
      { email: 'a@aisle.test', password: { length: 10 } },
      { email: 'a@aisle.test', password: 'x'.repeat(129) },
      { email: 'a@aisle.test', password: 'seven77' },
      { email: 'not an email', password },
      { email: 'a@aisle.test', password, role: 'admin' },
    ])
      expect(await new Device().send('POST', 'signup', body)).toMatchObject({ status: 400, code: 'invalid' })
  })

  it('repeated with its Idempotency-Key gets the first answer', async () => {
    const key = { 'idempotency-key': 'sign-up-once' }
    const body = { email: 'once@aisle.test', password }
    const first = await new Device().send('POST', 'signup', body, key)
    const second = await new Device().send('POST', 'signup', body, key)
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect(second.headers.get('idempotent-replayed')).toBe('true')
  })
})

describe('a sign-in', () => {
  it('S4 answers a wrong password and an unknown email alike', async () => {
    const { email } = await member()
    const replies = [await new Device().signIn(email, 'wrong'), await new Device().signIn('nobody@aisle.test', 'wrong')]
    const [wrong, unknown] = replies.map(({ status, body }) => ({ status, ...body, requestId: '' }))
    expect(wrong).toMatchObject({ status: 401, code: 'invalid-credentials' })
    expect(unknown).toEqual(wrong)
  })

  it('S4 takes the password as it is, blanks and all', async () => {
    const { email } = await member({ password: '  blank around  ' })
    expect((await new Device().signIn(email, 'blank around')).status).toBe(401)
    expect((await new Device().signIn(email, '  blank around  ')).status).toBe(200)
  })

  it('S4 with the password kept as an argon2id hash of the agreed cost', async () => {
    const { id } = await member()
    const [row] = await sql`select password_hash from users where id = ${id}`
    expect(row?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })
})

describe('a session', () => {
  it('S1 is renewed silently after an hour and ends 30 days after the password was given', async () => {
    const { device } = await member()
    const first = device.claims()
    expect(first.exp - first.iat).toBeCloseTo(12 * 3600, 3)
    clock.advance(59 * minute)
    expect((await device.send('GET', 'currentuser')).setCookie).toBeNull()
    clock.advance(2 * minute)
    expect((await device.send('GET', 'currentuser')).setCookie).not.toBeNull()
    expect(device.claims()).toMatchObject({ auth_time: first.auth_time, sub: first.sub })
    let hours = 1
    for (; hours < 31 * 24 && (await device.currentUser()); hours += 11) clock.advance(11 * hour)
    expect(hours / 24).toBeGreaterThan(29.5)
    expect(hours / 24).toBeLessThan(30.6)
  })

  it('S1 that is not renewed ends after 12 hours', async () => {
    const { device } = await member()
    clock.advance(12 * hour)
    expect(await device.currentUser()).toBeNull()
  })

  it('ends on this device alone by a sign-out', async () => {
    const { device, email } = await member()
    const other = new Device()
    await other.signIn(email)
    expect(await device.send('POST', 'signout')).toMatchObject({ status: 200, body: {} })
    expect(await device.currentUser()).toBeNull()
    expect(await other.currentUser()).not.toBeNull()
  })

  it('S1 ends on every device, at every replica, by a sign-out everywhere; the next sign-in is not touched', async () => {
    const { device, email, id } = await member()
    const other = new Device()
    await other.signIn(email)
    expect((await device.send('POST', 'signout-everywhere')).status).toBe(200)
    expect(await other.currentUser()).toBeNull()
    await until(() => other.currentUser(1), isNobody)
    expect((await saidAbout(id)).at(-1)).toMatchObject({
      type: 'session:revoked',
      data: { userId: id, version: 2, reason: 'signed-out-everywhere' },
    })
    // In the very same millisecond: the clock stands still.
    await other.signIn(email)
    expect(await other.currentUser()).not.toBeNull()
    expect(await other.currentUser(1)).not.toBeNull()
  })

  it('S1 that was revoked does not come back by repeating the sign-in with its Idempotency-Key', async () => {
    const { device, email } = await member()
    const key = { 'idempotency-key': `sign-in:${email}` }
    await new Device().signIn(email, password, key)
    await device.send('POST', 'signout-everywhere')
    const again = new Device()
    const replayed = await again.signIn(email, password, key)
    expect(replayed.headers.get('idempotent-replayed')).toBe('true')
    expect(await again.currentUser()).toBeNull()
  })
})

describe('a user who edits their account', () => {
  it('is known to others by the new name, and sees name and phone', async () => {
    const { device, id } = await member({ name: 'Ann' })
    const reply = await device.send('PATCH', 'me', { name: ' Annie ', phone: '+43 1 234 56 78' })
    expect(reply.body).toMatchObject({ id, name: 'Annie', phone: '+43 1 234 56 78' })
    expect(device.claims().name).toBe('Annie')
    expect((await saidAbout(id)).at(-1)).toMatchObject({ type: 'user:updated', data: { version: 2, name: 'Annie' } })
  })

  it('takes name and phone back by leaving them empty, and is known to others as a member like any', async () => {
    const { device, id } = await member({ name: 'Ann' })
    await device.send('PATCH', 'me', { phone: '+43 1 234 56 78' })
    const { body } = await device.send('PATCH', 'me', { name: '', phone: '' })
    expect(body).not.toHaveProperty('name')
    expect(body).not.toHaveProperty('phone')
    expect((await saidAbout(id)).at(-1)).toMatchObject({ type: 'user:updated', data: { name: 'Aisle member' } })
    for (const blank of [{ name: ' ' }, { phone: ' ' }])
      expect((await device.send('PATCH', 'me', blank)).status).toBe(400)
  })

  it('M6 is not announced when nothing changes', async () => {
    const { device, id } = await member({ name: 'Ann' })
    for (const body of [{}, { name: 'Ann' }, { name: ' Ann ' }])
      expect(await device.send('PATCH', 'me', body)).toMatchObject({ status: 200, setCookie: null })
    expect(await saidAbout(id)).toHaveLength(1)
    expect(await sql`select version from users where id = ${id}`).toEqual([{ version: 1 }])
  })

  it('needs the current password for a new one', async () => {
    const { device } = await member()
    const next = 'another password'
    expect(await device.send('PATCH', 'me', { password: next })).toMatchObject({ status: 400, code: 'invalid' })
    expect(await device.send('PATCH', 'me', { password: next, currentPassword: 'guess' })).toMatchObject({
      status: 403,
      code: 'wrong-password',
    })
  })

  it('S1 goes on with a new password on this device, and on no other', async () => {
    const { device, email } = await member()
    const other = new Device()
    await other.signIn(email)
    const reply = await device.send('PATCH', 'me', { password: 'another password', currentPassword: password })
    expect(reply.status).toBe(200)
    expect(await device.currentUser()).not.toBeNull()
    expect(await other.currentUser()).toBeNull()
    expect((await new Device().signIn(email)).status).toBe(401)
    expect((await new Device().signIn(email, 'another password')).status).toBe(200)
  })

  it('leaves nobody signed in by the old password who signed in at the same moment', async () => {
    const { device, email } = await member()
    const devices = Array.from({ length: 20 }, () => new Device())
    const [changed] = await Promise.all([
      device.send('PATCH', 'me', { password: 'another password', currentPassword: password }),
      ...devices.map((other, i) => other.signIn(email, password, {}, i % 2)),
    ])
    expect(changed.status).toBe(200)
    for (const at of [0, 1]) for (const other of devices) await until(() => other.currentUser(at), isNobody)
    expect(await device.currentUser(1)).not.toBeNull()
  })
})

describe('a ban', () => {
  it('ends every session, refuses the password, and is announced once', async () => {
    const boss = await admin()
    const { device, email, id } = await member()
    expect((await boss.send('POST', `${id}/ban`, { reason: 'sold what is not there' })).status).toBe(204)
    expect((await boss.send('POST', `${id}/ban`, { reason: 'again' })).status).toBe(204)
    expect(await device.currentUser()).toBeNull()
    await until(() => device.currentUser(1), isNobody)
    expect(await device.signIn(email)).toMatchObject({ status: 403, code: 'banned' })
    expect(await device.signIn(email, 'wrong')).toMatchObject({ status: 401, code: 'invalid-credentials' })
    expect((await saidAbout(id)).slice(1)).toMatchObject([
      { type: 'user:updated', data: { version: 2, banned: true } },
      { type: 'session:revoked', data: { version: 2, reason: 'banned' } },
    ])
  })

  it('that is lifted lets the user sign in again, and brings no session back', async () => {
    const boss = await admin()
    const { device, email, id } = await member()
    await boss.send('POST', `${id}/ban`, { reason: 'a mistake' })
    for (const _ of [1, 2]) expect((await boss.send('DELETE', `${id}/ban`)).status).toBe(204)
    expect(await device.currentUser()).toBeNull()
    expect((await device.signIn(email)).status).toBe(200)
    expect(await device.currentUser()).not.toBeNull()
    expect((await saidAbout(id)).at(-1)).toMatchObject({ type: 'user:updated', data: { version: 3, banned: false } })
    expect(await saidAbout(id)).toHaveLength(4)
  })

  it('leaves nobody in who signed in at the same moment, not even after it is lifted', async () => {
    const boss = await admin()
    const { email, id } = await member()
    const devices = Array.from({ length: 20 }, () => new Device())
    await Promise.all([
      ...devices.map((device, i) => device.signIn(email, password, {}, i % 2)),
      boss.send('POST', `${id}/ban`, { reason: 'a race' }),
    ])
    const inAt = async (at: number) =>
      (await Promise.all(devices.map((device) => device.currentUser(at)))).filter(Boolean)
    for (const at of [0, 1])
      expect(
        await until(
          () => inAt(at),
          (users) => users.length === 0,
        ),
      ).toEqual([])
    await boss.send('DELETE', `${id}/ban`)
    for (const at of [0, 1]) expect(await inAt(at)).toEqual([])
  })

  it('S11 is an admin’s to make: not a user’s, not a visitor’s, and not on oneself', async () => {
    const { id, device } = await member()
    const boss = await admin()
    const self = String((await boss.currentUser())?.id)
    const reason = { reason: 'why not' }
    expect(await new Device().send('POST', `${id}/ban`, reason)).toMatchObject({ status: 401 })
    expect(await device.send('POST', `${self}/ban`, reason)).toMatchObject({ status: 403, code: 'admins-only' })
    expect(await device.send('DELETE', `${id}/ban`)).toMatchObject({ status: 403, code: 'admins-only' })
    expect(await boss.send('POST', `${self}/ban`, reason)).toMatchObject({ status: 403, code: 'forbidden' })
    expect(await boss.send('POST', `${id}/ban`, {})).toMatchObject({ status: 400 })
    for (const nobody of ['nobody', '0190aaaa-0000-7000-8000-000000000000'])
      expect(await boss.send('POST', `${nobody}/ban`, reason)).toMatchObject({ status: 404, code: 'not-found' })
  })
})

describe('the admin of the configuration', () => {
  it('is made once, however many replicas start', async () => {
    expect(await sql`select role from users where email_normalized = ${adminLogin.email}`).toEqual([{ role: 'admin' }])
    expect(
      await sql`select 1 from outbox where message -> 'data' ->> 'id' in (select id::text from users where role = 'admin')`,
    ).toHaveLength(1)
  })

  it('is never somebody who signed up with the address first', async () => {
    const { email, id } = await member()
    const claimed = { ...values, ADMIN_EMAIL: email }
    await expect(start(auth, { ...claimed, ADMIN_PASSWORD: 'of the operator' }, { log })).rejects.toThrow('ADMIN_EMAIL')
    expect(await sql`select role from users where id = ${id}`).toEqual([{ role: 'user' }])
    const replica = await start(auth, claimed, { log })
    await replica.stop()
    expect(await sql`select role from users where id = ${id}`).toEqual([{ role: 'admin' }])
  })

  it('needs both of its keys', async () => {
    const { ADMIN_PASSWORD: _, ...half } = values
    await expect(start(auth, half, { log })).rejects.toThrow('set both or neither')
  })
})
