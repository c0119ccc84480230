// A passkey as a second factor: as the second step after the password, to prove who one is, and with recovery codes.

import type { RequestOptions } from '@aisle/contracts/passkeys'
import { describe, expect, it } from 'vitest'
import { admin, clock, Device, member, password, sql, useAuth } from './auth-testing.ts'
import { firstStep, secondStep } from './factors-testing.ts'
import { add, begin, memberWithPasskey, type SoftPasskey, signIn, use } from './passkey-testing.ts'

useAuth()

const minute = 60_000
const factors = async (device: Device) => (await device.send('GET', 'me/factors')).body
const stepOptions = async (challenge: string) =>
  (await new Device().send('POST', 'signin/second/options', { challenge })).body as unknown as RequestOptions
const proofOptions = async (device: Device) =>
  (await device.send('POST', 'me/proof/options')).body as unknown as RequestOptions
const take = (device: Device, challenge: string, passkey: unknown, at = 0) =>
  device.send('POST', 'signin/second', { challenge, passkey }, {}, at)
const prove = (device: Device, passkey: unknown, at = 0) => device.send('POST', 'me/proof', { passkey }, {}, at)
const allowed = ({ id }: SoftPasskey) => [{ id, type: 'public-key', transports: ['internal'] }]

describe('a passkey as the second step of a sign-in', () => {
  it('signs in after the password, once', async () => {
    const { email, id, passkey } = await memberWithPasskey()
    const device = new Device()
    const refused = await device.signIn(email)
    expect(refused).toMatchObject({ status: 401, code: 'second-step-needed' })
    expect(refused.body.methods).toEqual(['passkey', 'recovery-code'])
    const challenge = String(refused.body.challenge)
    const options = await stepOptions(challenge)
    expect(options.allowCredentials).toEqual(allowed(passkey))
    const signed = passkey.sign(options)
    const both = await Promise.all([0, 1].map((at) => take(new Device(), challenge, signed, at)))
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
    expect(both.find(({ status }) => status === 200)?.body).toMatchObject({ id })
    expect(await take(device, challenge, signed)).toMatchObject({ code: 'second-step-over' })
  })

  it('is refused if it is another user’s, was asked for something else, or is not verified', async () => {
    const { email, device: signedIn, passkey } = await memberWithPasskey()
    const other = await memberWithPasskey()
    const device = new Device()
    const challenge = await firstStep(device, email)
    const refuses = async (signed: unknown) =>
      expect(await take(device, challenge, signed)).toMatchObject({ status: 422, code: 'invalid-passkey' })
    await refuses(other.passkey.sign(await stepOptions(challenge)))
    await refuses(passkey.sign(await stepOptions(await firstStep(new Device(), other.email))))
    await refuses(passkey.sign(await begin()))
    await refuses(passkey.sign(await proofOptions(signedIn)))
    await refuses(passkey.sign(await stepOptions(challenge), { isUserVerified: false }))
    expect(device.cookie).toBe('')
    expect((await take(device, challenge, passkey.sign(await stepOptions(challenge)))).status).toBe(200)
  })

  it('has no options without the password, nor without a passkey', async () => {
    expect(await new Device().send('POST', 'signin/second/options', { challenge: 'none' })).toMatchObject({
      status: 401,
      code: 'second-step-over',
    })
    const { device } = await member()
    expect(await device.send('POST', 'me/proof/options')).toMatchObject({ status: 404 })
  })

  it('is refused after a ban in between', async () => {
    const { email, id, passkey } = await memberWithPasskey()
    const challenge = await firstStep(new Device(), email)
    const signed = passkey.sign(await stepOptions(challenge))
    await (await admin()).send('POST', `${id}/ban`, { reason: 'fraud' })
    expect(await take(new Device(), challenge, signed)).toMatchObject({ code: 'second-step-over' })
  })

  it('cannot sign in by itself, and a sign-in by it takes no second step', async () => {
    const { email, passkey } = await memberWithPasskey()
    const signed = passkey.sign(await stepOptions(await firstStep(new Device(), email)))
    expect(await use(new Device(), signed)).toMatchObject({ code: 'invalid-passkey' })
    expect((await signIn(new Device(), passkey)).status).toBe(200)
  })

  it.each([{}, { code: '123456', passkey: {} }])('is one thing alone: %j is refused', async (given) => {
    const { email } = await memberWithPasskey()
    const challenge = await firstStep(new Device(), email)
    expect(await new Device().send('POST', 'signin/second', { challenge, ...given })).toMatchObject({ status: 400 })
  })
})

describe('a passkey as a proof', () => {
  it('proves who one is in place of the password, which no longer does', async () => {
    const { device, passkey } = await memberWithPasskey()
    clock.advance(11 * minute)
    expect(await device.send('POST', 'me/passkeys/options')).toMatchObject({ code: 'proof-needed' })
    const refused = await device.send('POST', 'me/proof', { password })
    expect(refused).toMatchObject({ status: 401, code: 'second-step-needed' })
    expect(refused.body.methods).toEqual(['passkey', 'recovery-code'])
    const options = await proofOptions(device)
    expect(options.allowCredentials).toEqual(allowed(passkey))
    const signed = passkey.sign(options)
    expect((await prove(device, signed)).status).toBe(204)
    expect((await device.send('POST', 'me/passkeys/options')).status).toBe(200)
    expect(await prove(device, signed)).toMatchObject({ status: 422, code: 'invalid-passkey' })
  })

  it('need not say whose it is, since it was named', async () => {
    const { device, email, passkey } = await memberWithPasskey()
    const unnamed = (options: RequestOptions) => {
      const { userHandle: _, ...signed } = passkey.sign(options)
      return signed
    }
    expect((await prove(device, unnamed(await proofOptions(device)))).status).toBe(204)
    const challenge = await firstStep(new Device(), email)
    expect((await take(new Device(), challenge, unnamed(await stepOptions(challenge)))).status).toBe(200)
    expect(await use(new Device(), unnamed(await begin()))).toMatchObject({ status: 422, code: 'invalid-passkey' })
  })

  it('is refused if it is another user’s, or was asked for at a sign-in', async () => {
    const { device, passkey } = await memberWithPasskey()
    const other = await memberWithPasskey()
    expect(await prove(device, other.passkey.sign(await proofOptions(device)))).toMatchObject({ status: 422 })
    expect(await prove(device, passkey.sign(await proofOptions(other.device)))).toMatchObject({ status: 422 })
    expect(await prove(device, passkey.sign(await begin()))).toMatchObject({ status: 422 })
    expect((await device.send('POST', 'me/proof', { password, code: '123456' })).status).toBe(400)
  })
})

describe('recovery codes', () => {
  it('come with the first passkey, stand in for it, and go with the last', async () => {
    const { device, email, id } = await member()
    const first = await add(device)
    const codes = first.reply.body.recoveryCodes as string[]
    expect(codes).toHaveLength(10)
    const second = await add(device)
    expect(second.reply.body.recoveryCodes).toEqual([])
    expect(await factors(device)).toEqual({
      authenticator: null,
      passkeys: [first, second].map(({ reply: { body } }) => ({ id: body.id, name: body.name, madeAt: body.madeAt })),
      recoveryCodesLeft: 10,
    })
    const visitor = new Device()
    expect((await secondStep(visitor, await firstStep(visitor, email), codes[0]!)).status).toBe(200)
    await device.send('DELETE', `me/passkeys/${first.reply.body.id}`)
    expect(await factors(device)).toMatchObject({ recoveryCodesLeft: 9 })
    await device.send('DELETE', `me/passkeys/${second.reply.body.id}`)
    expect(await factors(device)).toEqual({ authenticator: null, passkeys: [], recoveryCodesLeft: 0 })
    expect(await sql`select 1 from recovery_codes where user_id = ${id}`).toEqual([])
    expect((await new Device().signIn(email)).status).toBe(200)
  })
})
