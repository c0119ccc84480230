// Addresses and passwords over HTTP: which addresses are one account, what is refused, and what still works for
// older accounts.

import type { Problem } from '@aisle/contracts/endpoint'
import { start } from '@aisle/kit/boot/start'
import { hash } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { clock, Device, log, member, password, sql, useAuth, values } from './auth-testing.ts'
import { auth } from './service.ts'

useAuth()

const signUp = (email: string, given = password, fields = {}) =>
  new Device().send('POST', 'signup', { email, password: given, ...fields })
const fieldOf = ({ body }: Awaited<ReturnType<typeof signUp>>) => (body as unknown as Problem).errors[0]?.field

describe('an address', () => {
  it('is one account in letters and in ASCII, at sign-up and at sign-in', async () => {
    expect((await signUp('m@bücher.example')).status).toBe(201)
    for (const spelling of ['m@bücher.example', 'M@xn--bcher-kva.EXAMPLE', 'm@bu\u0308cher.example'])
      expect(await new Device().signIn(spelling)).toMatchObject({ status: 200, body: { email: 'm@bücher.example' } })
  })

  it.each(['a@example.com\u200b', 'a\u00ad@example.com', '.a@example.com', 'a@-x.com', 'a@192.0.2.7', 'a@ü-.example'])(
    'that is none, or has something invisible in it, is refused with its field: %j',
    async (email) => {
      const reply = await signUp(email)
      expect([reply.status, reply.code, fieldOf(reply)]).toEqual([400, 'invalid', 'email'])
    },
  )
})

describe('an account from before', () => {
  /** As stored when only surrounding blanks, letter case and composition were ignored. */
  async function accountBefore(email: string) {
    const { id } = await member()
    const before = email.trim().normalize('NFC').toLowerCase().normalize('NFC')
    await sql`update users set email = ${email}, email_normalized = ${before} where id = ${id}`
    return id
  }
  const startAgain = async () => (await start(auth, values, { clock, log })).stop()

  it('is found by every spelling of its domain after the next start, and by its own before it', async () => {
    const id = await accountBefore('Jo@Müller.example')
    expect((await new Device().signIn('jo@müller.example')).body).toMatchObject({ id })
    await startAgain()
    for (const spelling of ['jo@müller.example', 'jo@xn--mller-kva.example'])
      expect((await new Device().signIn(spelling)).body).toMatchObject({ id, email: 'Jo@Müller.example' })
  })

  it('with something invisible in its domain is found without it', async () => {
    const id = await accountBefore('copied@example.com\u200b')
    await startAgain()
    for (const spelling of ['copied@example.com', 'copied@example.com\u200b'])
      expect((await new Device().signIn(spelling)).body).toMatchObject({ id })
  })

  it('that would become one with another is left alone: each is found by its own spelling', async () => {
    const letters = await accountBefore('two@groß.example')
    const ascii = await accountBefore('two@xn--gro-7ka.example')
    await startAgain()
    expect((await new Device().signIn('two@groß.example')).body).toMatchObject({ id: letters })
    expect((await new Device().signIn('two@xn--gro-7ka.example')).body).toMatchObject({ id: ascii })
    const { body } = await signUp('two@groß.example')
    expect(await sql`select email_claimed from users where id = ${String(body.id)}`).toEqual([
      { emailClaimed: 'two@xn--gro-7ka.example' },
    ])
  })

  it('whose address nobody could sign up with today still signs in', async () => {
    const id = await accountBefore('a..b@x_y.example')
    await startAgain()
    expect((await new Device().signIn('A..b@x_y.example')).body).toMatchObject({ id })
  })

  it('whose password was hashed as it was typed signs in, and is hashed again', async () => {
    const typed = 'cre\u0300me bru\u0302le\u0301e'
    const { id, email } = await member()
    const old = await hash(typed, { memoryCost: 19_456, timeCost: 1, parallelism: 1 })
    await sql`update users set password_hash = ${old} where id = ${id}`
    const hashes = async () => (await sql`select password_hash, version from users where id = ${id}`)[0]
    const devices = await Promise.all([0, 1, 0, 1].map((at) => new Device().signIn(email, typed, {}, at)))
    expect(devices.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const fresh = await hashes()
    expect([fresh?.passwordHash === old, fresh?.version]).toEqual([false, 1])
    expect((await new Device().signIn(email, typed.normalize('NFC'))).status).toBe(200)
    expect((await hashes())?.passwordHash).toBe(fresh?.passwordHash)
  })
})

describe('a password that is easy to guess', () => {
  it('is refused at sign-up, and the field is named', async () => {
    for (const [email, given, fields] of [
      ['one@aisle.test', 'password1', {}],
      ['lindqvist@aisle.test', 'lindqvist', {}],
      ['two@aisle.test', 'gwendolyn!', { name: 'Gwendolyn' }],
      ['three@aisle.test', 'three@aisle.test', {}],
      ['four@aisle.test', 'Aisle2026', {}],
    ] as const) {
      const reply = await signUp(email, given, fields)
      expect([given, reply.status, reply.code, fieldOf(reply)]).toEqual([given, 422, 'weak-password', 'password'])
    }
  })

  it('is refused as a new password, by the name and phone of now and of then', async () => {
    const { device } = await member({ name: 'Gwendolyn' })
    await device.send('PATCH', 'me', { phone: '+43 1 234 567 89' })
    for (const [given, fields] of [
      ['iloveyou', {}],
      ['gwendolyn!', {}],
      ['0123456789', {}],
      ['Rumpelstilz', { name: 'Rumpelstilz' }],
    ] as const) {
      const reply = await device.send('PATCH', 'me', { password: given, currentPassword: password, ...fields })
      expect([given, reply.status, reply.code, fieldOf(reply)]).toEqual([given, 422, 'weak-password', 'password'])
    }
    expect(await device.currentUser()).toMatchObject({ name: 'Gwendolyn' })
  })

  it('still signs in who has it', async () => {
    const { id, email } = await member()
    const old = await hash('password', { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
    await sql`update users set password_hash = ${old} where id = ${id}`
    expect((await new Device().signIn(email, 'password')).status).toBe(200)
  })

  it('is refused as the admin’s in production, before anything starts', async () => {
    const production = { ...values, ENVIRONMENT: 'production', PUBLIC_URL: 'https://aisle.example' }
    for (const weak of ['password', 'admin-aisle', 'aisle2026'])
      await expect(start(auth, { ...production, ADMIN_PASSWORD: weak }, { clock, log })).rejects.toThrow(
        /ADMIN_PASSWORD is easy to guess/,
      )
    await (await start(auth, production, { clock, log })).stop()
  })
})
