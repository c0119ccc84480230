// A forgotten password: a link sets another, and nobody learns from it which accounts there are.

import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { admin, clock, Device, isNobody, mailboxOf, member, password, saidAbout, sql, useAuth } from './auth-testing.ts'

useAuth()

const minute = 60_000
const hour = 60 * minute
const next = 'another password'
const ask = (email: string, at = 0) => new Device().send('POST', 'reset', { email }, {}, at)
const reset = (token: string | null, given = next, at = 0) =>
  new Device().send('POST', 'reset/confirm', { token, password: given }, {}, at)

/** A user whose mail with the link to confirm the address was read, and not used. */
async function reachable() {
  const user = await member()
  const mailbox = await mailboxOf(user.id)
  const confirmation = await mailbox.next()
  return { ...user, mailbox, confirmation }
}

describe('asked for a new password', () => {
  it('the answer and what is written are the same with an account and without', async () => {
    const { email, mailbox } = await reachable()
    const tables = ['work', 'link_counts', 'outbox', 'audit', 'password_guesses']
    const count = async () =>
      Promise.all(tables.map(async (table) => (await sql`select count(*)::int as n from ${sql(table)}`)[0]?.n))
    const asked = async (address: string) => {
      const before = await count()
      const { status, body, headers } = await ask(address)
      const after = await count()
      return { status, body, headers: [...headers.keys()], written: after.map((n, i) => n - before[i]) }
    }
    // The message to notices comes afterwards, from durable work.
    const unknown = await asked('nobody@aisle.test')
    const known = await asked(email)
    known.written[2] = 0
    expect(known).toEqual(unknown)
    expect(unknown).toMatchObject({ status: 200, body: {}, written: [1, 1, 0, 0, 0] })
    expect(await mailbox.next()).toMatchObject({ purpose: 'reset-password', address: email })
  })

  it('three times an hour for an address, and silence after that', async () => {
    const { email, mailbox } = await reachable()
    const replies = await Promise.all([0, 1, 0, 1, 0].map((at) => ask(` ${email.toUpperCase()}`, at)))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const open = () => sql`select 1 from work where status = 'pending'`
    await until(open, (rows) => rows.length === 0, 'every mail to be on its way')
    expect(await mailbox.links()).toHaveLength(1 + 3)
    for (let n = 0; n < 3; n++) await mailbox.next()
    clock.advance(hour)
    await ask(email)
    await mailbox.next()
    expect(await mailbox.links()).toHaveLength(1 + 4)
  })

  it('goes to the owner who has confirmed the address, else to the newest account', async () => {
    const first = await reachable()
    const signedUp = await new Device().send('POST', 'signup', { email: first.email, password })
    const second = await mailboxOf(String(signedUp.body.id))
    await second.next()
    await ask(first.email)
    expect(await second.next()).toMatchObject({ purpose: 'reset-password' })
    expect((await new Device().send('POST', 'confirm', { token: first.confirmation.token })).status).toBe(204)
    await ask(first.email)
    expect(await first.mailbox.next()).toMatchObject({ purpose: 'reset-password' })
    expect(await second.links()).toHaveLength(2)
  })
})

describe('a link for a new password', () => {
  it('sets it once, ends every session, confirms the address, and signs nobody in', async () => {
    const { id, email, device, mailbox } = await reachable()
    for (let n = 0; n < 2; n++) await ask(email)
    const [one, other] = [await mailbox.next(), await mailbox.next()]
    expect(Date.parse(one.expiresAt)).toBe(clock.now().getTime() + 30 * minute)
    const replies = await Promise.all([one, other, one].map(({ token }, i) => reset(token, next, i % 2)))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 422, 422])
    expect(replies.map(({ setCookie }) => setCookie)).toEqual([null, null, null])
    for (const at of [0, 1]) await until(() => device.currentUser(at), isNobody)
    expect((await new Device().signIn(email)).status).toBe(401)
    expect((await new Device().signIn(email, next)).body).toMatchObject({ id, confirmed: true })
    const told = (await saidAbout(id)).filter(({ type }) => /updated|revoked|secured/.test(type))
    expect(told.slice(0, 3)).toMatchObject([
      { type: 'user:updated', data: { confirmed: true } },
      { type: 'session:revoked', data: { reason: 'password-changed' } },
      { type: 'user:secured', data: { what: 'password-reset' } },
    ])
  })

  it('is not used up by a password that is easy to guess', async () => {
    const { email, mailbox } = await reachable()
    await ask(email)
    const { token } = await mailbox.next()
    for (const weak of ['iloveyou', email]) expect(await reset(token, weak)).toMatchObject({ code: 'weak-password' })
    expect((await reset(token)).status).toBe(204)
  })

  it('ends after half an hour, and confirms no address', async () => {
    const { email, mailbox, confirmation } = await reachable()
    await ask(email)
    const { token } = await mailbox.next()
    expect(await new Device().send('POST', 'confirm', { token })).toMatchObject({ code: 'invalid-link' })
    expect(await reset(confirmation.token)).toMatchObject({ code: 'invalid-link' })
    clock.advance(30 * minute)
    expect(await reset(token)).toMatchObject({ status: 422, code: 'invalid-link' })
    expect((await new Device().signIn(email)).status).toBe(200)
  })

  it('tells a banned user of the ban, and nobody else', async () => {
    const { id, email, mailbox } = await reachable()
    await ask(email)
    const { token } = await mailbox.next()
    await (await admin()).send('POST', `${id}/ban`, { reason: 'sold the same seat twice' })
    expect(await reset('none')).toMatchObject({ code: 'invalid-link' })
    expect(await reset(token)).toMatchObject({ status: 403, code: 'banned' })
    expect((await new Device().signIn(email)).code).toBe('banned')
  })

  it('of an account that merely claims the address is useless once its owner has confirmed it', async () => {
    const first = await reachable()
    const signedUp = await new Device().send('POST', 'signup', { email: first.email, password })
    const second = await mailboxOf(String(signedUp.body.id))
    await second.next()
    await ask(first.email)
    const { token } = await second.next()
    await new Device().send('POST', 'confirm', { token: first.confirmation.token })
    expect(await reset(token)).toMatchObject({ code: 'invalid-link' })
  })

  it('ends the pauses that wrong guesses have left', async () => {
    const { email, mailbox } = await reachable()
    for (let n = 0; n < 6; n++) await new Device().signIn(email, 'a guess')
    await ask(email)
    await reset((await mailbox.next()).token)
    expect((await new Device().signIn(email, next)).status).toBe(200)
  })
})
