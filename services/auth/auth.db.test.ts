// auth over HTTP, with its own database: accounts, sessions and how sessions end.

import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { clock, Device, isNobody, member, password, saidAbout, sql, useAuth } from './auth-testing.ts'

const minute = 60_000
const hour = 60 * minute

useAuth()

describe('a sign-up', () => {
  it('makes an account and a session, and tells the other services a name that is not the email', async () => {
    const { device, id, email } = await member()
    expect(await device.currentUser()).toEqual({ id, email, role: 'user', language: 'en', confirmed: false })
    expect((await saidAbout(id)).map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'user:created', data: { id, version: 1, name: 'Aisle member', banned: false, confirmed: false } },
    ])
  })

  it('S2 sets a cookie that scripts cannot read, other sites cannot send and that ends', async () => {
    const { setCookie } = await new Device().send('POST', 'signup', { email: 'cookie@aisle.test', password })
    expect(setCookie).toMatch(/Max-Age=43200;.*HttpOnly;.*SameSite=Lax/)
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

  it('keeps a phone number in one form, however it was pasted', async () => {
    const { device } = await member()
    for (const phone of ['+43/1/234.56.78', '+43\u00a01\u2011234 (56) 78', '＋４３ 1 234 56 78\u200e'])
      expect((await device.send('PATCH', 'me', { phone })).body).toMatchObject({ phone: '+43 1 234 56 78' })
    for (const phone of ['-----', '\u200b\u200b\u200b\u200b\u200b', '1234'])
      expect(await device.send('PATCH', 'me', { phone })).toMatchObject({ status: 400, code: 'invalid' })
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
