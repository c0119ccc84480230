// Admin actions in auth, and how an account becomes an admin.

import { start } from '@aisle/kit/boot/start'
import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import {
  admin,
  adminLogin,
  Device,
  isNobody,
  log,
  member,
  password,
  saidAbout,
  sql,
  useAuth,
  values,
} from './auth-testing.ts'
import { auth } from './service.ts'

useAuth()

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
      { type: 'user:secured', data: { version: 2, what: 'banned' } },
      { type: 'session:revoked', data: { version: 2, reason: 'banned' } },
    ])
  })

  it('that is lifted lets the user sign in again, and brings no session back', async () => {
    const boss = await admin()
    const { device, email, id } = await member()
    await boss.send('POST', `${id}/ban`, { reason: 'a mistake' })
    for (const _ of [1, 2]) expect((await boss.send('DELETE', `${id}/ban`)).status).toBe(204)
    expect(await device.currentUser()).toBeNull()
    expect((await new Device().signIn(email)).status).toBe(200)
    expect((await device.signIn(email)).status).toBe(200)
    expect(await device.currentUser()).not.toBeNull()
    expect((await saidAbout(id)).slice(4)).toMatchObject([
      { type: 'user:updated', data: { version: 3, banned: false } },
      { type: 'user:secured', data: { what: 'unbanned' } },
      { type: 'user:secured', data: { what: 'new-device' } },
    ])
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
    expect(
      await sql`
        select role, email_confirmed_at is not null as confirmed from users
        where email_normalized = ${adminLogin.email}`,
    ).toEqual([{ role: 'admin', confirmed: true }])
    expect(
      await sql`select 1 from outbox where message -> 'data' ->> 'id' in (select id::text from users
        where role = 'admin')`,
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
