// Signing in to an account with a second factor: the password, then a code.

import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { admin, clock, Device, isNobody, mailboxOf, member, password, saidAbout, sql, useAuth } from './auth-testing.ts'
import { stepMs } from './authenticator-testing.ts'
import { addAuthenticator, codeOf, firstStep, secondStep, secured, wrongCode } from './factors-testing.ts'

useAuth()

const minute = 60_000
const securedOf = async (id: string) =>
  (await saidAbout(id)).filter(({ type }) => type === 'user:secured').map(({ data }) => data.what)
const stepsOf = (id: string) => sql`select 1 from second_steps where user_id = ${id}`

describe('a sign-in', () => {
  it('takes two steps, and leaves no session, no cookie and no word about a device before the second', async () => {
    const { id, email, secret } = await secured()
    const device = new Device()
    const refused = await device.signIn(email)
    expect(refused).toMatchObject({
      status: 401,
      code: 'second-step-needed',
      setCookie: null,
      body: { methods: ['authenticator', 'recovery-code'], challenge: expect.stringMatching(/^[\w-]{43}$/) },
    })
    expect(await sql`select 1 from sessions where user_id = ${id}`).toHaveLength(1)
    expect(await securedOf(id)).not.toContain('new-device')
    const done = await secondStep(device, String(refused.body.challenge), codeOf(secret), 1)
    expect(done).toMatchObject({ status: 200, body: { id, email } })
    expect(device.deviceCookie).not.toBe('')
    expect(device.claims()).toMatchObject({ sub: id, amr: ['mfa'] })
    expect(await device.currentUser(1)).toMatchObject({ id })
    expect((await securedOf(id)).at(-1)).toBe('new-device')
    expect(await stepsOf(id)).toEqual([])
  })

  it('with the wrong password does not tell that there is a second factor', async () => {
    const { email } = await secured()
    const refused = await new Device().signIn(email, 'not this one')
    expect(refused).toMatchObject({ status: 401, code: 'invalid-credentials' })
    expect(refused.body).not.toHaveProperty('methods')
  })

  it('needs the password alone while an authenticator is not confirmed, and after it was removed', async () => {
    const { email, device } = await member()
    await device.send('POST', 'me/authenticator')
    expect((await new Device().signIn(email)).status).toBe(200)
    await addAuthenticator(device)
    await firstStep(new Device(), email)
    expect((await device.send('DELETE', 'me/authenticator')).status).toBe(204)
    expect((await new Device().signIn(email)).status).toBe(200)
    expect(await sql`select 1 from recovery_codes where user_id = ${device.claims().sub}`).toEqual([])
  })

  it('ends the session that the device had, after the second step', async () => {
    const [first, second] = [await member(), await secured()]
    const challenge = await firstStep(first.device, second.email)
    const before = first.device.cookie
    expect(await first.device.currentUser()).toMatchObject({ id: first.id })
    await secondStep(first.device, challenge, codeOf(second.secret))
    const old = new Device()
    old.cookie = before
    for (const at of [0, 1]) await until(() => old.currentUser(at), isNobody)
  })
})

describe('a code', () => {
  it.each([
    ['of now', 0],
    ['of the step before', -stepMs],
    ['of the next step', stepMs],
  ])('%s is right', async (_, ms) => {
    const { email, secret } = await secured()
    clock.advance(2 * stepMs)
    const device = new Device()
    expect((await secondStep(device, await firstStep(device, email), codeOf(secret, ms))).status).toBe(200)
  })

  it('of two steps ago, of later, of nobody or in another form is wrong, and the step goes on', async () => {
    const { email, secret } = await secured()
    clock.advance(4 * stepMs)
    const device = new Device()
    const challenge = await firstStep(device, email)
    for (const code of [codeOf(secret, -2 * stepMs), codeOf(secret, 2 * stepMs), wrongCode(secret)])
      expect(await secondStep(device, challenge, code)).toMatchObject({ status: 403, code: 'wrong-code' })
    expect(await secondStep(device, challenge, '1')).toMatchObject({ status: 403, code: 'wrong-code' })
    expect(await secondStep(device, challenge, '')).toMatchObject({ status: 400, code: 'invalid' })
    const spaced = codeOf(secret).replace(/^.../, '$& ')
    clock.advance(minute)
    expect((await secondStep(device, challenge, spaced)).status).toBe(403)
    clock.advance(minute)
    expect((await secondStep(device, challenge, codeOf(secret).replace(/^.../, '$& '))).status).toBe(200)
  })

  it('is accepted once: not again, not an earlier one, nor the one that confirmed the app', async () => {
    const { email, device: own } = await member()
    const { secret } = await addAuthenticator(own)
    const device = new Device()
    const enter = async (code: string) => (await secondStep(device, await firstStep(device, email), code)).status
    // The clock has moved on by one step since the app was confirmed.
    expect(await enter(codeOf(secret, -stepMs))).toBe(403)
    const next = codeOf(secret, stepMs)
    expect(await enter(next)).toBe(200)
    expect(await enter(next)).toBe(403)
    expect(await enter(codeOf(secret))).toBe(403)
    clock.advance(2 * stepMs)
    expect(await enter(codeOf(secret))).toBe(200)
  })

  it('lets one in of many at once at two replicas, with one challenge or many', async () => {
    const { email, secret } = await secured()
    const devices = Array.from({ length: 4 }, () => new Device())
    const challenges = await Promise.all(devices.map((device, i) => firstStep(device, email, i % 2)))
    const code = codeOf(secret)
    const many = await Promise.all(devices.map((device, i) => secondStep(device, challenges[i]!, code, i % 2)))
    expect(many.map(({ status }) => status).toSorted()).toEqual([200, 403, 403, 403])
    clock.advance(stepMs)
    const open = challenges.find((_, i) => many[i]?.status === 403)!
    const codes = [codeOf(secret), codeOf(secret, stepMs)]
    const one = await Promise.all(codes.map((each, i) => secondStep(new Device(), open, each, i)))
    expect(one.map(({ status }) => status).toSorted()).toEqual([200, 401])
  })

  it('can be guessed a few times only, whatever the password does', async () => {
    const { email, secret } = await secured()
    const device = new Device()
    const guess = async (at: number) => secondStep(device, await firstStep(device, email, at), wrongCode(secret), at)
    for (let n = 0; n < 5; n++) expect((await guess(n % 2)).status).toBe(403)
    const refused = await guess(0)
    expect(refused).toMatchObject({ status: 429, code: 'too-many-requests' })
    expect(refused.headers.get('retry-after')).toBe('1')
    // The right code as well, until the pause is over.
    const challenge = await firstStep(device, email)
    expect((await secondStep(device, challenge, codeOf(secret))).status).toBe(429)
    clock.advance(1_000)
    expect((await secondStep(device, challenge, codeOf(secret))).status).toBe(200)
  })

  it('guessed by strangers does not stop a device that has signed in before', async () => {
    const { email, secret } = await secured()
    const own = new Device()
    await secondStep(own, await firstStep(own, email), codeOf(secret))
    const stranger = new Device()
    for (let n = 0; n < 6; n++) await secondStep(stranger, await firstStep(stranger, email), wrongCode(secret))
    clock.advance(stepMs / 2)
    for (let n = 0; n < 6; n++) await secondStep(stranger, await firstStep(stranger, email), wrongCode(secret))
    clock.advance(stepMs / 2)
    expect((await secondStep(own, await firstStep(own, email), codeOf(secret))).status).toBe(200)
  })
})

describe('a second step', () => {
  it('is over after ten minutes, after its use, and was never there: all alike', async () => {
    const { email, secret } = await secured()
    const device = new Device()
    const late = await firstStep(device, email)
    clock.advance(10 * minute)
    const used = await firstStep(device, email)
    await secondStep(device, used, codeOf(secret))
    clock.advance(stepMs)
    const stripped = ({ status, code, body }: Awaited<ReturnType<typeof secondStep>>) => ({
      status,
      code,
      fields: Object.keys(body),
    })
    const refused = await Promise.all(
      [late, used, 'x'.repeat(43)].map((one) => secondStep(device, one, codeOf(secret))),
    )
    expect(stripped(refused[0]!)).toMatchObject({ status: 401, code: 'second-step-over' })
    for (const other of refused) expect(stripped(other)).toEqual(stripped(refused[0]!))
  })

  it('is over after a ban, a new password, or signing out everywhere', async () => {
    for (const end of [
      async ({ id }: { id: string }) => (await admin()).send('POST', `${id}/ban`, { reason: 'sold a seat twice' }),
      async ({ device }: { device: Device }) =>
        device.send('PATCH', 'me', { password: 'another password', currentPassword: password }),
      async ({ device }: { device: Device }) => device.send('POST', 'signout-everywhere'),
    ]) {
      const user = await secured()
      const device = new Device()
      const challenge = await firstStep(device, user.email)
      expect((await end(user)).status).toBeLessThan(300)
      expect(await secondStep(device, challenge, codeOf(user.secret))).toMatchObject({ code: 'second-step-over' })
      expect(device.cookie).toBe('')
    }
  })

  it('beside a ban either lets nobody in or is revoked', async () => {
    const chief = await admin()
    for (let n = 0; n < 5; n++) {
      const { id, email, secret } = await secured()
      const device = new Device()
      const challenge = await firstStep(device, email)
      await Promise.all([
        secondStep(device, challenge, codeOf(secret)),
        chief.send('POST', `${id}/ban`, { reason: 'sold a seat twice' }, {}, 1),
      ])
      for (const at of [0, 1]) await until(() => device.currentUser(at), isNobody)
    }
  })

  it('stays needed after the password was reset, which signs nobody in', async () => {
    const { id, email, secret } = await secured()
    const mailbox = await mailboxOf(id)
    await mailbox.next()
    await new Device().send('POST', 'reset', { email })
    const { token } = await mailbox.next()
    const next = 'another password'
    const reset = await new Device().send('POST', 'reset/confirm', { token, password: next })
    expect(reset).toMatchObject({ status: 204, setCookie: null })
    const refused = await new Device().signIn(email, next)
    expect(refused.code).toBe('second-step-needed')
    expect((await secondStep(new Device(), String(refused.body.challenge), codeOf(secret))).status).toBe(200)
  })

  it('is remembered with its request, and its challenge is readable in no row', async () => {
    const { email } = await secured()
    const key = { 'idempotency-key': crypto.randomUUID() }
    const [one, other] = [
      await new Device().signIn(email, password, key),
      await new Device().signIn(email, password, key),
    ]
    expect(other.body.challenge).toBe(one.body.challenge)
    const rows = await sql`select answer::text as text from idempotency_keys where key = ${key['idempotency-key']}`
    expect(rows).toHaveLength(1)
    expect(rows[0]?.text).not.toContain(one.body.challenge)
  })

  it('that nobody took is forgotten', async () => {
    const { id, email } = await secured()
    await firstStep(new Device(), email)
    expect(await stepsOf(id)).toHaveLength(1)
    clock.advance(11 * minute)
    await until(
      () => stepsOf(id),
      (rows) => rows.length === 0,
      'the step to be forgotten',
    )
  })
})

describe('a recovery code', () => {
  it('is a second step, once, in any spelling, and its use is told', async () => {
    const { id, email, recoveryCodes } = await secured()
    expect(new Set(recoveryCodes).size).toBe(10)
    for (const code of recoveryCodes) expect(code).toMatch(/^([2-9A-HJKMNP-RTV-Z]{4}-){3}[2-9A-HJKMNP-RTV-Z]{4}$/)
    const device = new Device()
    const [first = '', second = ''] = recoveryCodes
    const typed = ` ${first.toLowerCase().replaceAll('-', ' ')} `
    expect((await secondStep(device, await firstStep(device, email), typed)).status).toBe(200)
    expect(device.claims()).toMatchObject({ amr: ['mfa'] })
    expect(await securedOf(id)).toContain('recovery-code-used')
    expect((await secondStep(device, await firstStep(device, email), first)).code).toBe('wrong-code')
    expect((await secondStep(device, await firstStep(device, email), second.replaceAll('-', ''))).status).toBe(200)
    expect((await device.send('GET', 'me/factors')).body).toMatchObject({ recoveryCodesLeft: 8 })
  })

  it('used at once at two replicas lets one in', async () => {
    const { email, recoveryCodes } = await secured()
    const devices = [new Device(), new Device()]
    const challenges = await Promise.all(devices.map((device) => firstStep(device, email)))
    const replies = await Promise.all(
      devices.map((each, at) => secondStep(each, challenges[at]!, recoveryCodes[0]!, at)),
    )
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 403])
  })

  it('of another user, or of an earlier list, is wrong', async () => {
    const [user, other] = [await secured(), await secured()]
    const made = await user.device.send('POST', 'me/recovery-codes')
    const codes = made.body.recoveryCodes as string[]
    expect(codes).toHaveLength(10)
    const device = new Device()
    const challenge = await firstStep(device, user.email)
    for (const code of [other.recoveryCodes[0]!, user.recoveryCodes[0]!])
      expect((await secondStep(device, challenge, code)).code).toBe('wrong-code')
    expect((await secondStep(device, challenge, codes[9]!)).status).toBe(200)
    expect(await securedOf(user.id)).toContain('recovery-codes-made')
  })
})
