// Passkeys with real signatures, on two replicas: who may add one, what counts as one, and what does not.

import { start } from '@aisle/kit/boot/start'
import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { admin, clock, Device, log, member, password, saidAbout, sql, useAuth, values } from './auth-testing.ts'
import type { AuthService } from './context.ts'
import { forgetChallenges } from './passkey-challenges.ts'
import {
  add,
  begin,
  beginAdding,
  memberWithPasskey,
  type Oddities,
  SoftPasskey,
  signIn,
  use,
} from './passkey-testing.ts'
import { auth } from './service.ts'

useAuth()

const minute = 60_000

const rowOf = async (id: string) => {
  const [row] = await sql<
    { counter: string; usedAt: Date | null; name: string }[]
  >`select counter, used_at as "usedAt", name from passkeys where id = ${id}`
  return row
}
const secured = async (id: string) =>
  (await saidAbout(id)).filter(({ type }) => type === 'user:secured').map(({ data }) => data.what)
/** What the audit log has of a refused sign-in, which is written within seconds. */
const auditOf = (subject: string | null, detail: string) =>
  until(
    () => sql`
      select 1 from audit where action = 'sign-in' and outcome = 'invalid-passkey' and detail = ${detail}
        and subject is not distinct from ${subject}`,
    ({ length }) => length > 0,
    `the audit of a passkey that is ${detail}`,
  )
const claims = (device: Device) =>
  device.claims() as ReturnType<Device['claims']> & { amr?: string[]; proof_time: number }

describe('adding a passkey', () => {
  it('keeps the public half, tells the user, and makes this a session with a second factor', async () => {
    const { device, id, email } = await member({ name: 'Mara' })
    expect(claims(device).amr).toBeUndefined()
    const options = await beginAdding(device)
    expect(options).toMatchObject({
      rp: { id: 'localhost' },
      user: { name: email, displayName: 'Mara', id: Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url') },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [],
    })
    const { sid } = device.claims()
    const { passkey, reply } = await add(device)
    expect(reply.status).toBe(201)
    expect(reply.body).toMatchObject({ name: 'Firefox, Windows', madeAt: clock.now().toISOString() })
    expect(claims(device)).toMatchObject({ amr: ['mfa'], sid })
    expect(await secured(id)).toContain('passkey-added')
    expect((await beginAdding(device)).excludeCredentials).toEqual([
      { id: passkey.id, type: 'public-key', transports: ['internal'] },
    ])
  })

  it('needs a proof of the last ten minutes', async () => {
    const { device } = await member()
    clock.advance(11 * minute)
    expect(await device.send('POST', 'me/passkeys/options')).toMatchObject({ status: 403, code: 'proof-needed' })
    const passkey = new SoftPasskey().make({ challenge: 'none', user: { id: 'none' } })
    expect(await device.send('POST', 'me/passkeys', { passkey })).toMatchObject({ code: 'proof-needed' })
    await device.send('POST', 'me/proof', { password })
    expect((await add(device)).reply.status).toBe(201)
  })

  it.each<[string, Oddities]>([
    ['made for another origin', { origin: 'http://localhost:3001' }],
    ['made for another site', { rpId: 'elsewhere.test' }],
    ['made in the frame of another site', { crossOrigin: true }],
    ['without verification of the user', { isUserVerified: false }],
    ['without the user', { isUserPresent: false }],
    ['which is a signature', { type: 'webauthn.get' }],
    ['with a challenge that nobody made', { challenge: Buffer.alloc(32).toString('base64url') }],
  ])('refuses one %s', async (_, oddities) => {
    const { device, id } = await member()
    const { reply } = await add(device, oddities)
    expect(reply).toMatchObject({ status: 422, code: 'invalid-passkey' })
    expect(await sql`select 1 from passkeys where user_id = ${id}`).toEqual([])
    expect(claims(device).amr).toBeUndefined()
  })

  it('takes a challenge once, within five minutes, and only from the user who asked', async () => {
    const { device } = await member()
    const options = await beginAdding(device)
    const made = new SoftPasskey().make(options)
    const { device: other } = await member()
    expect(await other.send('POST', 'me/passkeys', { passkey: made })).toMatchObject({ code: 'invalid-passkey' })
    expect((await device.send('POST', 'me/passkeys', { passkey: made })).status).toBe(201)
    const again = new SoftPasskey().make(options)
    expect(await device.send('POST', 'me/passkeys', { passkey: again })).toMatchObject({ code: 'invalid-passkey' })
    const late = new SoftPasskey().make(await beginAdding(device))
    clock.advance(5 * minute + 1)
    expect(await device.send('POST', 'me/passkeys', { passkey: late })).toMatchObject({ code: 'invalid-passkey' })
    const signed = new SoftPasskey().make({ ...(await begin()), user: options.user })
    expect(await device.send('POST', 'me/passkeys', { passkey: signed })).toMatchObject({ code: 'invalid-passkey' })
  })

  it('does not look at what the authenticator says about its maker', async () => {
    const { device } = await member()
    const statement = new Map<string, unknown>([['x5c', [new Uint8Array(9)]]])
    expect((await add(device, { format: 'packed', statement })).reply.status).toBe(201)
  })

  it('does not take one that an account has already', async () => {
    const { passkey } = await memberWithPasskey()
    const { device } = await member()
    expect((await add(device, {}, passkey)).reply).toMatchObject({ status: 422, code: 'invalid-passkey' })
  })

  it('stops at ten, at the same time as well', async () => {
    const { device, id } = await member()
    for (let count = 0; count < 9; count++) expect((await add(device)).reply.status).toBe(201)
    const [first, second] = [await beginAdding(device), await beginAdding(device)]
    const both = await Promise.all(
      [first, second].map((options, at) =>
        device.send('POST', 'me/passkeys', { passkey: new SoftPasskey().make(options) }, {}, at),
      ),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(await device.send('POST', 'me/passkeys/options')).toMatchObject({ code: 'too-many-passkeys' })
    expect((await sql`select 1 from passkeys where user_id = ${id}`).length).toBe(10)
  })
})

describe('a sign-in by a passkey', () => {
  it('counts as both factors, ends the session before it, and reveals no account beforehand', async () => {
    const { device, id, email, passkey, passkeyId } = await memberWithPasskey()
    expect(await begin()).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rpId: 'localhost',
      timeout: 5 * minute,
      userVerification: 'required',
    })
    const before = device.claims().sid
    const reply = await signIn(device, passkey)
    expect(reply).toMatchObject({ status: 200, body: { id, email } })
    expect(claims(device).amr).toEqual(['mfa'])
    expect(claims(device).proof_time).toBe(clock.now().getTime() / 1000)
    expect(await sql`select 1 from sessions where id = ${before} and end_reason = 'replaced'`).toHaveLength(1)
    expect((await rowOf(passkeyId))?.usedAt).toEqual(clock.now())
  })

  it('tells the owner of a device that is not known', async () => {
    const { device, id, passkey } = await memberWithPasskey()
    const told = async () => (await secured(id)).filter((what) => what === 'new-device').length
    const before = await told()
    await signIn(device, passkey)
    expect(await told()).toBe(before)
    await signIn(new Device(), passkey)
    expect(await told()).toBe(before + 1)
  })

  it.each<[string, Oddities, string]>([
    ['for another origin', { origin: 'https://elsewhere.test' }, 'not verified'],
    ['for another site', { rpId: 'elsewhere.test' }, 'not verified'],
    ['without verification of the user', { isUserVerified: false }, 'not verified'],
    ['without the user', { isUserPresent: false }, 'not verified'],
    ['in the frame of another site', { crossOrigin: true }, 'not asked for'],
    ['of another kind', { type: 'webauthn.create' }, 'not verified'],
    ['with the handle of another user', { userHandle: Buffer.alloc(16).toString('base64url') }, 'of another user'],
  ])('refuses a signature %s', async (_, oddities, why) => {
    const { passkey, id } = await memberWithPasskey()
    const device = new Device()
    expect(await signIn(device, passkey, oddities)).toMatchObject({ status: 422, code: 'invalid-passkey' })
    expect(device.cookie).toBe('')
    await auditOf(why === 'not asked for' ? null : id, why)
  })

  it('refuses a signature that was changed, one by another key, and an unknown passkey', async () => {
    const { passkey } = await memberWithPasskey()
    const signed = passkey.sign(await begin())
    const bytes = Buffer.from(signed.authenticatorData, 'base64url')
    bytes[36]! ^= 1
    const changed = { ...signed, authenticatorData: bytes.toString('base64url') }
    const stranger = new SoftPasskey()
    stranger.userHandle = passkey.userHandle
    const forged = { ...stranger.sign(await begin()), id: passkey.id }
    const unknown = stranger.sign(await begin())
    for (const tried of [changed, forged, unknown])
      expect(await use(new Device(), tried)).toMatchObject({ status: 422, code: 'invalid-passkey' })
    await auditOf(null, 'unknown')
  })

  it('takes a challenge once, at both replicas together as well, and within five minutes', async () => {
    const { passkey } = await memberWithPasskey()
    const signed = passkey.sign(await begin())
    const both = await Promise.all([0, 1].map((at) => use(new Device(), signed, at)))
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
    expect(await use(new Device(), signed)).toMatchObject({ code: 'invalid-passkey' })
    const late = passkey.sign(await begin())
    clock.advance(5 * minute + 1)
    expect(await use(new Device(), late)).toMatchObject({ code: 'invalid-passkey' })
  })

  it('does not take a challenge that was made to add a passkey', async () => {
    const { device, passkey } = await memberWithPasskey()
    const signed = passkey.sign(await beginAdding(device))
    expect(await use(new Device(), signed)).toMatchObject({ code: 'invalid-passkey' })
  })

  it('uses the challenge up when it refuses', async () => {
    const { passkey } = await memberWithPasskey()
    const options = await begin()
    expect(await use(new Device(), passkey.sign(options, { isUserVerified: false }))).toMatchObject({ status: 422 })
    expect(await use(new Device(), passkey.sign(options))).toMatchObject({ status: 422 })
  })

  it('refuses a counter that does not go up, and says so in the audit log', async () => {
    const { passkey, passkeyId, id } = await memberWithPasskey()
    expect((await signIn(new Device(), passkey, { counter: 7 })).status).toBe(200)
    for (const counter of [7, 6, 0])
      expect(await signIn(new Device(), passkey, { counter })).toMatchObject({ code: 'invalid-passkey' })
    expect((await rowOf(passkeyId))?.counter).toBe('7')
    await auditOf(id, 'its counter went back')
    const [first, second] = [passkey.sign(await begin(), { counter: 8 }), passkey.sign(await begin(), { counter: 8 })]
    const both = await Promise.all([use(new Device(), first, 0), use(new Device(), second, 1)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
  })

  it('refuses a user who was banned in between, and one whose passkey was removed', async () => {
    const { passkey, id } = await memberWithPasskey()
    const signed = passkey.sign(await begin())
    const boss = await admin()
    await boss.send('POST', `${id}/ban`, { reason: 'fraud' })
    const device = new Device()
    expect(await use(device, signed)).toMatchObject({ status: 403, code: 'banned' })
    expect(device.cookie).toBe('')
    const other = await memberWithPasskey()
    const asked = await begin()
    expect((await other.device.send('DELETE', `me/passkeys/${other.passkeyId}`)).status).toBe(204)
    expect(await use(new Device(), other.passkey.sign(asked))).toMatchObject({ code: 'invalid-passkey' })
  })

  it('begins after a sign-out everywhere in the same moment', async () => {
    const { device, passkey } = await memberWithPasskey()
    await device.send('POST', 'signout-everywhere')
    const again = new Device()
    expect((await signIn(again, passkey)).status).toBe(200)
    for (const at of [0, 1]) expect(await again.currentUser(at)).not.toBeNull()
  })
})

describe('the passkeys of a user', () => {
  it('can be renamed and removed by them alone; removing needs a fresh proof', async () => {
    const { device, id, passkey, passkeyId } = await memberWithPasskey()
    const { device: other } = await member()
    const path = `me/passkeys/${passkeyId}`
    expect(await other.send('PATCH', path, { name: 'Mine' })).toMatchObject({ code: 'not-found' })
    expect(await other.send('DELETE', path)).toMatchObject({ code: 'not-found' })
    expect((await device.send('PATCH', path, { name: 'Phone' })).body).toMatchObject({ id: passkeyId, name: 'Phone' })
    clock.advance(11 * minute)
    expect(await device.send('DELETE', path)).toMatchObject({ code: 'proof-needed' })
    await signIn(device, passkey)
    expect((await device.send('DELETE', path)).status).toBe(204)
    expect(await device.send('DELETE', path)).toMatchObject({ code: 'not-found' })
    expect(await secured(id)).toContain('passkey-removed')
  })

  it('are kept from a session that has ended', async () => {
    const { device, passkeyId } = await memberWithPasskey()
    const copy = Object.assign(new Device(), { cookie: device.cookie })
    await device.send('POST', 'signout')
    for (const at of [0, 1])
      expect((await copy.send('DELETE', `me/passkeys/${passkeyId}`, undefined, {}, at)).status).toBe(401)
    expect(await rowOf(passkeyId)).toBeDefined()
  })

  it('keep one for an admin who must have a second factor', async () => {
    const { device, email } = await member()
    await sql`update users set role = 'admin' where email = ${email}`
    const strict = await start(auth, { ...values, ADMIN_SECOND_FACTOR: 'required' }, { clock, log })
    try {
      await device.signIn(email)
      const remove = async ({ body }: { body: Record<string, unknown> }) =>
        fetch(`${strict.url}/api/users/me/passkeys/${body.id}`, {
          method: 'DELETE',
          headers: { cookie: device.cookie },
        })
      const [first, second] = [(await add(device)).reply, (await add(device)).reply]
      expect((await remove(first)).status).toBe(204)
      const refused = await remove(second)
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([409, 'last-factor'])
      expect(await rowOf(String(second.body.id))).toBeDefined()
    } finally {
      await strict.stop()
    }
  })
})

it('challenges that have expired are forgotten', async () => {
  await sql`delete from passkey_challenges`
  await begin()
  clock.advance(5 * minute + 1)
  const { challenge } = await begin()
  expect(await forgetChallenges({ db: { sql }, clock } as unknown as AuthService)).toBe(60_000)
  expect(await sql`select challenge from passkey_challenges`).toEqual([
    { challenge: Buffer.from(challenge, 'base64url') },
  ])
})
