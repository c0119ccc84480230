// Individual sessions on two replicas: how each starts, is seen, and ends for good.

import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { cookieValues } from '@aisle/kit/http/session'
import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { admin, clock, Device, isNobody, member, password, saidAbout, sql, useAuth, values } from './auth-testing.ts'

const hour = 60 * 60_000

useAuth()

type Listed = { id: string; device?: string; address: string; createdAt: string; seenAt: string; current: boolean }
const devicesOf = async (device: Device, at = 0) =>
  (await device.send('GET', 'me/sessions', undefined, {}, at)).body as unknown as Listed[]
const copyOf = (device: Device) => Object.assign(new Device(), { cookie: device.cookie })
const firefox = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0' }
const iphone = {
  'user-agent':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
}

describe('a sign-out', () => {
  it('ends the session for every copy of its cookie, at every replica, and is announced once', async () => {
    const { device, email, id } = await member()
    const elsewhere = new Device()
    await elsewhere.signIn(email)
    const copy = copyOf(device)
    const { sid } = device.claims()
    expect((await device.send('POST', 'signout')).status).toBe(200)
    for (const at of [0, 1]) {
      expect(await copy.currentUser(at)).toBeNull()
      await until(
        () => copy.send('GET', 'me/sessions', undefined, {}, at),
        ({ status }) => status === 401,
      )
    }
    expect(await elsewhere.currentUser()).not.toBeNull()
    await copy.send('POST', 'signout')
    const ends = (await saidAbout(id)).filter(({ type }) => type === 'session:revoked')
    expect(ends).toMatchObject([{ data: { userId: id, session: { id: sid, reason: 'signed-out' } } }])
    const { until: lastToken } = ends[0]!.data.session as { until: string }
    expect(Date.parse(lastToken)).toBeGreaterThan(clock.now().getTime() + 12 * hour)
  })

  it('is not undone by a renewal, nor by repeating the sign-in with its Idempotency-Key', async () => {
    const { email } = await member()
    const key = { 'idempotency-key': `sign-in:${email}` }
    const [device, again] = [new Device(), new Device()]
    await device.signIn(email, password, key)
    const copy = copyOf(device)
    clock.advance(2 * hour)
    await device.send('POST', 'signout')
    expect((await copy.send('GET', 'currentuser')).setCookie).toBeNull()
    const replayed = await again.signIn(email, password, key)
    expect([replayed.status, replayed.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
    expect(again.cookie).toBe('session=')
    expect(await again.currentUser()).toBeNull()
  })

  it('of a session that a replica does not know yet reaches it through the database', async () => {
    const boss = await admin()
    const copy = copyOf(boss)
    const accounts = '../admin/users?limit=1'
    expect((await copy.send('GET', accounts, undefined, {}, 1)).status).toBe(200)
    await boss.send('POST', 'signout')
    // Answering this reads no session row: the replica refuses it because of the revocations it has polled.
    await until(
      () => copy.send('GET', accounts, undefined, {}, 1),
      ({ status }) => status === 401,
      'the other replica to read the end of the session',
    )
  })

  it('everywhere reaches a replica through the database, too', async () => {
    const boss = await admin()
    const copy = copyOf(boss)
    await boss.send('POST', 'signout-everywhere')
    await until(
      () => copy.send('GET', '../admin/users?limit=1', undefined, {}, 1),
      ({ status }) => status === 401,
      'the other replica to read the revocation',
    )
  })
})

describe('a sign-in', () => {
  it('gives a session of its own, with a type and an audience', async () => {
    const { device, email } = await member()
    const other = new Device()
    await other.signIn(email)
    expect(other.claims().sid).not.toBe(device.claims().sid)
    expect(other.claims().aud).toBe('aisle')
    const header = JSON.parse(Buffer.from(other.cookie.split(/[=.]/)[1]!, 'base64url').toString())
    expect(header.typ).toBe('session+jwt')
  })

  it('replaces the session that the device had until then', async () => {
    const { device, email, id } = await member()
    const copy = copyOf(device)
    await device.signIn(email)
    expect(await copy.currentUser()).toBeNull()
    expect(await device.currentUser()).not.toBeNull()
    expect(await devicesOf(device)).toHaveLength(1)
    expect((await saidAbout(id)).at(-1)?.data).toMatchObject({ session: { reason: 'replaced' } })
    const another = await member()
    device.cookie = another.device.cookie
    const left = copyOf(device)
    await device.signIn(email)
    expect(await left.currentUser()).toBeNull()
  })

  it('beside the end of all sessions is either refused or ended by it', async () => {
    const { device, email } = await member()
    const others = await Promise.all(Array.from({ length: 4 }, () => knownDevice(email)))
    await Promise.all([
      device.send('POST', 'signout-everywhere'),
      ...others.map((other, i) => other.signIn(email, password, {}, i % 2)),
    ])
    const { status } = await device.signIn(email)
    expect(status).toBe(200)
    // Any device still signed in signed in after it, and is in the list.
    const listed = await devicesOf(device)
    const isIn = await Promise.all(others.map((other) => other.currentUser()))
    expect(listed).toHaveLength(1 + isIn.filter((user) => user !== null).length)
  })
})

async function knownDevice(email: string): Promise<Device> {
  const device = new Device()
  expect((await device.signIn(email)).status).toBe(200)
  return device
}

describe('the list of devices', () => {
  it('names each one, where it was seen and when, with the one that asks first', async () => {
    const { email, device } = await member()
    const phone = new Device()
    await phone.signIn(email, password, iphone)
    await device.signIn(email, password, firefox)
    const unknown = new Device()
    await unknown.signIn(email, password, { 'user-agent': '' })
    const listed = await devicesOf(device)
    expect(listed.map(({ device, current }) => [device, current])).toEqual([
      ['Firefox, Windows', true],
      [undefined, false],
      ['Safari, iPhone', false],
    ])
    for (const { address, createdAt, seenAt } of listed)
      expect([address, createdAt, seenAt]).toEqual(['127.0.0.1', clock.now().toISOString(), clock.now().toISOString()])

    clock.advance(10 * 60_000)
    await phone.send('GET', 'currentuser', undefined, firefox)
    const [, seen] = await devicesOf(device)
    expect([seen?.device, seen?.seenAt]).toEqual(['Firefox, Windows', clock.now().toISOString()])
  })

  it('has a session once, however often it was renewed, and none that has run out', async () => {
    const { email, device } = await member()
    const idle = new Device()
    await idle.signIn(email)
    const { sid } = device.claims()
    for (let hours = 0; hours < 13; hours += 2) {
      clock.advance(2 * hour)
      await device.currentUser()
    }
    expect(device.claims().sid).toBe(sid)
    expect((await devicesOf(device)).map(({ id }) => id)).toEqual([sid])
  })

  it('ends one from another, which is signed out at every replica', async () => {
    const { email, device } = await member()
    const lost = new Device()
    await lost.signIn(email)
    const { sid } = lost.claims()
    const path = `me/sessions/${sid}`
    expect((await device.send('DELETE', path)).status).toBe(204)
    expect(await device.send('DELETE', path)).toMatchObject({ status: 404, code: 'not-found' })
    for (const at of [0, 1]) expect(await lost.currentUser(at)).toBeNull()
    expect((await devicesOf(device)).map(({ current }) => current)).toEqual([true])
  })

  it('ends the one that asks, whose cookie goes', async () => {
    const { device } = await member()
    const { sid } = device.claims()
    expect(await device.send('DELETE', `me/sessions/${sid}`)).toMatchObject({ status: 204 })
    expect(device.cookie).toBe('session=')
  })

  it('ends nobody else’s', async () => {
    const [mine, theirs] = [await member(), await member()]
    const reply = await mine.device.send('DELETE', `me/sessions/${theirs.device.claims().sid}`)
    expect(reply).toMatchObject({ status: 404, code: 'not-found' })
    expect(await theirs.device.currentUser()).not.toBeNull()
    for (const id of ['nonsense', '0190aaaa-0000-7000-8000-000000000000'])
      expect(await mine.device.send('DELETE', `me/sessions/${id}`)).toMatchObject({ status: 404 })
  })

  it('is emptied by a new password, but for the device that gave it', async () => {
    const { email, device } = await member()
    await new Device().signIn(email)
    const { sid } = device.claims()
    await device.send('PATCH', 'me', { password: 'another password', currentPassword: password })
    expect(device.claims().sid).toBe(sid)
    expect((await devicesOf(device)).map(({ id }) => id)).toEqual([sid])
    expect(await sql`select end_reason from sessions where user_id = ${device.claims().sub} and id <> ${sid}`).toEqual([
      { endReason: 'password-changed' },
    ])
  })
})

describe('a token from before sessions had ids', () => {
  const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url')
  /** As auth signed them at that time. */
  function oldToken(sub: string): Device {
    const jwk = JSON.parse(String(values.SESSION_PRIVATE_KEY))
    const key: KeyObject = createPrivateKey({ key: jwk, format: 'jwk' })
    const now = clock.now().getTime() / 1000
    const claims = { iss: 'aisle', sub, role: 'user', name: 'Ann', iat: now, auth_time: now, exp: now + 12 * 3600 }
    const text = `${part({ alg: 'EdDSA', kid: jwk.kid })}.${part(claims)}`
    const signature = sign(null, Buffer.from(text), key).toString('base64url')
    return Object.assign(new Device(), { cookie: `session=${text}.${signature}` })
  }

  it('is good until it expires, and becomes a session like any when it is renewed', async () => {
    const { id, device: other } = await member()
    const device = oldToken(id)
    const idle = copyOf(device)
    expect(await device.currentUser()).toMatchObject({ id })
    clock.advance(2 * hour)
    await Promise.all([device.currentUser(), idle.currentUser(1)])
    expect(device.claims().sid).toMatch(/^[0-9a-f-]{36}$/)
    expect(idle.claims().sid).toBe(device.claims().sid)
    await other.send('GET', 'currentuser')
    expect(await devicesOf(device)).toHaveLength(2)
  })

  it('is ended by a sign-out, with all that was renewed from it', async () => {
    const { id } = await member()
    const device = oldToken(id)
    const copy = copyOf(device)
    clock.advance(2 * hour)
    await device.currentUser()
    await copy.send('POST', 'signout')
    expect(await device.currentUser()).toBeNull()
    const unrenewed = oldToken(id)
    const stolen = copyOf(unrenewed)
    await unrenewed.send('POST', 'signout')
    expect(await stolen.currentUser()).toBeNull()
    await until(() => stolen.currentUser(1), isNobody)
  })

  it('lets its owner change name and password', async () => {
    const { id } = await member()
    const device = oldToken(id)
    const change = { name: 'Anna', password: 'another password', currentPassword: password }
    expect((await device.send('PATCH', 'me', change)).status).toBe(200)
    expect(await device.currentUser()).toMatchObject({ name: 'Anna' })
  })
})

describe('two cookies of one name', () => {
  it('sign nobody out: the first that is a session counts', async () => {
    const { device, id } = await member()
    const other = await member()
    const { email } = other
    const gone = new Device()
    await gone.signIn(email)
    const old = gone.cookie
    await gone.send('POST', 'signout')
    for (const before of ['session=', 'session=nonsense', old, `${old}; session=a.b.c`]) {
      const both = Object.assign(new Device(), { cookie: `${before}; ${device.cookie}` })
      expect(await both.currentUser()).toMatchObject({ id })
      expect((await both.send('GET', 'me/sessions')).status).toBe(200)
    }
    const first = Object.assign(new Device(), { cookie: `${device.cookie}; ${other.device.cookie}` })
    expect(await first.currentUser()).toMatchObject({ id })
  })

  it('are all found, and no more than five', () => {
    expect(cookieValues('a=1; session=x=y; b; session=z ', 'session')).toEqual(['x=y', 'z'])
    expect(cookieValues(Array(9).fill('session=x').join(';'), 'session')).toHaveLength(5)
    expect(cookieValues(undefined, 'session')).toEqual([])
  })
})
