// Adding, replacing and removing second factors, and proving with them who one is.

import { start } from '@aisle/kit/boot/start'
import { describe, expect, it } from 'vitest'
import { adminLogin, clock, Device, log, member, password, saidAbout, sql, useAuth, values } from './auth-testing.ts'
import { stepMs } from './authenticator-testing.ts'
import { createFactorSecrets } from './factor-secrets.ts'
import { addAuthenticator, codeOf, firstStep, secondStep, secured, wrongCode } from './factors-testing.ts'
import { auth } from './service.ts'

useAuth()

const minute = 60_000
const factors = async (device: Device) => (await device.send('GET', 'me/factors')).body
const prove = (device: Device, body: object, at = 0) => device.send('POST', 'me/proof', body, {}, at)
const authenticatorOf = async (id: string) =>
  (await sql<{ secret: string; offeredSecret: string }[]>`select * from authenticators where user_id = ${id}`)[0]!
const auditOf = (id: string) => sql`select action from audit where subject = ${id} and outcome = 'done' order by at`

describe('an authenticator', () => {
  it('is offered, confirmed by a code, and comes with recovery codes and a session of two steps', async () => {
    const { id, email, device } = await member()
    expect(await factors(device)).toEqual({ authenticator: null, passkeys: [], recoveryCodesLeft: 0 })
    expect(device.claims()).not.toHaveProperty('amr')
    const { secret, offered, confirmed } = await addAuthenticator(device)
    const uri = new URL(String(offered.body.uri))
    expect([uri.protocol, uri.host, decodeURIComponent(uri.pathname)]).toEqual(['otpauth:', 'totp', `/Aisle:${email}`])
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ issuer: 'Aisle', secret, digits: '6', period: '30' })
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(confirmed).toMatchObject({ status: 200 })
    expect(confirmed.body.recoveryCodes).toHaveLength(10)
    expect(device.claims()).toMatchObject({ sub: id, amr: ['mfa'] })
    expect(await factors(device)).toMatchObject({ authenticator: { since: expect.any(String) }, recoveryCodesLeft: 10 })
    expect((await saidAbout(id)).at(-1)).toMatchObject({ type: 'user:secured', data: { what: 'authenticator-added' } })
    expect((await auditOf(id)).map(({ action }) => action)).toContain('authenticator-added')
  })

  it('is not confirmed by another code, nor without an offer', async () => {
    const { device } = await member()
    expect((await device.send('POST', 'me/authenticator/confirm', { code: '123456' })).status).toBe(404)
    const { body } = await device.send('POST', 'me/authenticator')
    const wrong = await device.send('POST', 'me/authenticator/confirm', { code: wrongCode(String(body.secret)) })
    expect(wrong).toMatchObject({ status: 403, code: 'wrong-code' })
    for (const code of ['１２３４５６', 'äöüäöü', '123 45', '🎟🎟🎟'])
      expect(await device.send('POST', 'me/authenticator/confirm', { code })).toMatchObject({ code: 'wrong-code' })
    expect(await factors(device)).toMatchObject({ authenticator: null })
  })

  it('can be replaced: until the new one is confirmed, the old one counts; recovery codes stay', async () => {
    const { email, device, secret } = await secured()
    const { body } = await device.send('POST', 'me/authenticator')
    const next = String(body.secret)
    const visitor = new Device()
    expect((await secondStep(visitor, await firstStep(visitor, email), codeOf(next))).status).toBe(403)
    expect((await secondStep(visitor, await firstStep(visitor, email), codeOf(secret))).status).toBe(200)
    const confirmed = await device.send('POST', 'me/authenticator/confirm', { code: codeOf(next) })
    expect(confirmed.body).toEqual({ recoveryCodes: [] })
    clock.advance(stepMs)
    expect((await secondStep(visitor, await firstStep(visitor, email), codeOf(secret))).status).toBe(403)
    expect((await secondStep(visitor, await firstStep(visitor, email), codeOf(next))).status).toBe(200)
    expect(await factors(device)).toMatchObject({ recoveryCodesLeft: 10 })
  })

  it('is removed with its recovery codes, and removing it again finds nothing', async () => {
    const { id, device } = await secured()
    expect((await device.send('DELETE', 'me/authenticator')).status).toBe(204)
    expect((await device.send('DELETE', 'me/authenticator')).status).toBe(404)
    expect(await factors(device)).toEqual({ authenticator: null, passkeys: [], recoveryCodesLeft: 0 })
    expect(await device.send('POST', 'me/recovery-codes')).toMatchObject({ status: 409, code: 'no-second-factor' })
    expect((await saidAbout(id)).at(-1)?.data.what).toBe('authenticator-removed')
  })

  it('changes only with a fresh proof', async () => {
    const { device, secret } = await secured()
    clock.advance(10 * minute)
    for (const [method, path] of [
      ['POST', 'me/authenticator'],
      ['DELETE', 'me/authenticator'],
      ['POST', 'me/recovery-codes'],
    ] as const)
      expect(await device.send(method, path)).toMatchObject({ status: 403, code: 'proof-needed' })
    const confirm = await device.send('POST', 'me/authenticator/confirm', { code: codeOf(secret) })
    expect(confirm).toMatchObject({ status: 403, code: 'proof-needed' })
    await prove(device, { code: codeOf(secret) })
    expect((await device.send('POST', 'me/recovery-codes')).status).toBe(200)
  })
})

describe('its secret', () => {
  it('and the recovery codes are readable in no row, remembered answers included', async () => {
    const { device } = await member()
    const key = () => ({ 'idempotency-key': crypto.randomUUID() })
    const { body } = await device.send('POST', 'me/authenticator', undefined, key())
    const secret = String(body.secret)
    const code = { code: codeOf(secret) }
    const confirmed = await device.send('POST', 'me/authenticator/confirm', code, key())
    const made = await device.send('POST', 'me/recovery-codes', undefined, key())
    const codes = [confirmed, made].flatMap((reply) => reply.body.recoveryCodes as string[])
    expect(codes).toHaveLength(20)
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`
    for (const { name } of tables)
      for (const text of [secret, ...codes, ...codes.map((one) => one.replaceAll('-', ''))])
        expect([name, await sql`select 1 from ${sql(name)} t where t::text ilike ${`%${text}%`}`]).toEqual([name, []])
  })

  it('is worth nothing in the row of another user', async () => {
    const [user, other] = [await secured(), await secured()]
    const { secret } = await authenticatorOf(other.id)
    await sql`update authenticators set secret = ${secret} where user_id = ${user.id}`
    const device = new Device()
    expect((await secondStep(device, await firstStep(device, user.email), codeOf(other.secret))).status).toBe(403)
  })

  it('is sealed again under the first of FACTOR_SECRETS at a start, and the others can then go', async () => {
    const [{ id, email, secret }, { id: offered, device }] = [await secured(), await member()]
    await device.send('POST', 'me/authenticator')
    const next = 'factor secrets after a rotation of them'
    const { isCurrent } = createFactorSecrets(next)
    expect(isCurrent((await authenticatorOf(id)).secret)).toBe(false)
    const running = await start(auth, { ...values, FACTOR_SECRETS: `${next},${values.FACTOR_SECRETS}` }, { clock, log })
    await running.stop()
    expect(isCurrent((await authenticatorOf(id)).secret)).toBe(true)
    expect(isCurrent((await authenticatorOf(offered)).offeredSecret)).toBe(true)
    const after = await start(auth, { ...values, FACTOR_SECRETS: next }, { clock, log })
    try {
      const visitor = new Device()
      const challenge = await firstStep(visitor, email)
      const response = await fetch(`${after.url}/api/users/signin/second`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ challenge, code: codeOf(secret) }),
      })
      expect(response.status).toBe(200)
    } finally {
      await after.stop()
    }
  })
})

describe('a proof', () => {
  it('of a user with a second factor is a code; the password is refused, with what there is', async () => {
    const { device, secret, recoveryCodes } = await secured()
    clock.advance(10 * minute)
    for (let n = 0; n < 6; n++)
      expect(await prove(device, { password }, n % 2)).toMatchObject({
        status: 401,
        code: 'second-step-needed',
        body: { methods: ['authenticator', 'recovery-code'] },
      })
    expect(await prove(device, { code: wrongCode(secret) })).toMatchObject({ status: 403, code: 'wrong-code' })
    const code = codeOf(secret)
    expect((await prove(device, { code })).status).toBe(204)
    expect((await prove(device, { code }, 1)).status).toBe(403)
    expect((await device.send('POST', 'me/authenticator')).status).toBe(200)
    expect((await prove(device, { code: recoveryCodes[3] })).status).toBe(204)
    expect(await factors(device)).toMatchObject({ recoveryCodesLeft: 9 })
  })

  it('is not a new password, which needs one first', async () => {
    const { device, secret } = await secured()
    const next = { password: 'another password', currentPassword: password }
    clock.advance(10 * minute)
    expect(await device.send('PATCH', 'me', next)).toMatchObject({ status: 403, code: 'proof-needed' })
    expect((await device.send('POST', 'me/proof', { code: codeOf(secret) })).status).toBe(204)
    clock.advance(9 * minute)
    expect((await device.send('PATCH', 'me', next)).status).toBe(200)
    clock.advance(minute)
    expect((await device.send('POST', 'me/authenticator')).code).toBe('proof-needed')
  })

  it('with a code makes an older session one with a second factor', async () => {
    const { email, device } = await member()
    const older = new Device()
    await older.signIn(email)
    const { secret } = await addAuthenticator(device)
    expect(older.claims()).not.toHaveProperty('amr')
    expect((await prove(older, { code: codeOf(secret) })).status).toBe(204)
    expect(older.claims()).toMatchObject({ amr: ['mfa'] })
  })

  it('is the password or a code, not both, nor none', async () => {
    const { device } = await member()
    for (const body of [{}, { password, code: '123456' }])
      expect(await prove(device, body)).toMatchObject({ status: 400, code: 'invalid' })
    expect(await prove(device, { code: '123456' })).toMatchObject({ status: 403, code: 'wrong-code' })
  })

  it('can be guessed a few times only', async () => {
    const { device, secret } = await secured()
    for (let n = 0; n < 5; n++)
      expect((await prove(device, { code: wrongCode(secret) }, n % 2)).code).toBe('wrong-code')
    expect(await prove(device, { code: codeOf(secret) })).toMatchObject({ status: 429 })
    clock.advance(1_000)
    expect((await prove(device, { code: codeOf(secret) })).status).toBe(204)
  })
})

describe('an admin', () => {
  it('keeps the last second factor where admins need one', async () => {
    const strict = await start(auth, { ...values, ADMIN_SECOND_FACTOR: 'required' }, { clock, log })
    const chief = new Device()
    await chief.signIn(adminLogin.email)
    await addAuthenticator(chief)
    const remove = () =>
      fetch(`${strict.url}/api/users/me/authenticator`, { method: 'DELETE', headers: { cookie: chief.cookie } })
    try {
      const refused = await remove()
      expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'last-factor' }])
      expect(await factors(chief)).toMatchObject({ authenticator: { since: expect.any(String) } })
    } finally {
      await strict.stop()
    }
    expect((await chief.send('DELETE', 'me/authenticator')).status).toBe(204)
  })
})
