// What auth tells notices about a user: an address and links that nobody else can read.

import { snapshotOf } from '@aisle/kit/bus/snapshot'
import { describe, expect, it } from 'vitest'
import {
  clock,
  Device,
  databases,
  Mailbox,
  mailboxOf,
  member,
  password,
  publishKey,
  saidAbout,
  sql,
  useAuth,
} from './auth-testing.ts'
import { everyContact } from './snapshot.ts'

useAuth()

const minute = 60_000
const day = 24 * 60 * minute
const confirm = (token: string | null, at = 0) => new Device().send('POST', 'confirm', { token }, {}, at)

describe('the address of a user', () => {
  it('is sealed as soon as there is a key, and whenever it, the name or the language changes', async () => {
    const { device, id, email } = await member({ name: 'Ann' })
    expect((await saidAbout(id)).map(({ type }) => type)).toEqual(['user:created'])
    const mailbox = await mailboxOf(id)
    await device.send('PATCH', 'me', { name: 'Anna' })
    await device.send('PATCH', 'me', { phone: '+43 1 234 56 78' })
    expect((await device.send('PATCH', 'me', { language: 'de' })).body).toMatchObject({ language: 'de' })
    expect(await mailbox.contacts()).toEqual([
      { address: email, name: 'Ann', version: 1, language: 'en', confirmed: false },
      { address: email, name: 'Anna', version: 2, language: 'en', confirmed: false },
      { address: email, name: 'Anna', version: 4, language: 'de', confirmed: false },
    ])
  })

  it('is sealed again with a later key, under a newer version; an earlier key changes nothing', async () => {
    const { id } = await member()
    const mailbox = new Mailbox(id)
    await mailbox.makeKey({ version: 2 })
    await mailbox.makeKey({ version: 5 })
    const before = await mailbox.contacts()
    expect(before.map(({ version }) => version)).toEqual([1, 2])
    await mailbox.makeKey({ version: 4 })
    await (await mailboxOf((await member()).id)).next()
    expect(await mailbox.contacts()).toEqual(before)
  })

  it('is sent again by a snapshot, where there is a key', async () => {
    const [{ id }, { id: keyless }] = [await member(), await member()]
    const mailbox = await mailboxOf(id)
    await snapshotOf(databases.url('auth'), 'auth', [everyContact])
    const [first, second] = await mailbox.contacts()
    expect(second).toEqual(first)
    expect((await saidAbout(keyless)).map(({ type }) => type)).toEqual(['user:created'])
  })

  it('is in no message, no work, no audit entry that anyone else can read', async () => {
    const { id, email, device } = await member({ name: 'Ann' })
    const mailbox = await mailboxOf(id)
    const { token } = await mailbox.next()
    expect((await confirm(token)).status).toBe(204)
    await device.signIn(email)
    for (const table of ['outbox', 'work', 'audit', 'contact_keys', 'links', 'link_counts']) {
      const rows = await sql`select t::text as text from ${sql(table)} t`
      const leaks = rows.filter(({ text }) => text.includes(email) || text.includes(token))
      expect([table, leaks]).toEqual([table, []])
    }
  })

  it('of a user that this database does not know is not told', async () => {
    const stranger = '0190aaaa-0000-7000-8000-00000000abcd'
    const known = new Mailbox((await member()).id)
    await known.makeKey()
    const [row] = await sql`select public_key from contact_keys where user_id = ${known.userId}`
    await publishKey({ userId: stranger, version: 1, publicKey: row?.publicKey })
    await mailboxOf((await member()).id)
    expect(await saidAbout(stranger)).toEqual([])
  })
})

describe('a new user', () => {
  it('gets the link that confirms the address once their key is there, in their language', async () => {
    const reply = await new Device().send('POST', 'signup', { email: 'neu@aisle.test', password, language: 'de' })
    expect(reply.body).toMatchObject({ language: 'de', confirmed: false })
    const mailbox = await mailboxOf(String(reply.body.id))
    const link = await mailbox.next()
    expect(link).toMatchObject({ purpose: 'confirm-address', address: 'neu@aisle.test', language: 'de' })
    expect(link.token).toMatch(/^[\w-]{43}$/)
    expect(Date.parse(link.expiresAt)).toBe(clock.now().getTime() + 7 * day)
    expect(await mailbox.links()).toHaveLength(1)
  })

  it('confirms it once, without a session, and other services and notices are told', async () => {
    const { id, device } = await member()
    const mailbox = await mailboxOf(id)
    const { token } = await mailbox.next()
    const replies = await Promise.all([0, 1, 0, 1].map((at) => confirm(token, at)))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 422, 422, 422])
    expect(await device.currentUser()).toMatchObject({ confirmed: true })
    const told = (await saidAbout(id)).filter(({ type }) => type === 'user:updated')
    expect(told).toMatchObject([{ data: { version: 2, confirmed: true } }])
    expect((await mailbox.contacts()).at(-1)).toMatchObject({ version: 2, confirmed: true })
  })

  it('gets another mail on request: one a minute, ten a day', async () => {
    const { id, device, email } = await member()
    const mailbox = await mailboxOf(id)
    const ask = (at = 0) => device.send('POST', 'me/confirmation', undefined, {}, at)
    const replies = await Promise.all([0, 1, 0, 1].map(ask))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 429, 429, 429])
    for (let asked = 1; asked < 10; asked++) {
      clock.advance(minute)
      expect((await ask()).status).toBe(204)
    }
    clock.advance(minute)
    const refused = await ask()
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, (day - 10 * minute) / 1000])
    for (let i = 0; i < 11; i++) await mailbox.next()
    const [first, , third] = await mailbox.links()
    expect((await confirm(third!.token)).status).toBe(204)
    // All the others are used up with it.
    expect((await confirm(first!.token)).status).toBe(422)
    clock.advance(day)
    await device.signIn(email)
    expect((await ask()).status).toBe(204)
    expect(await mailbox.links()).toHaveLength(11)
  })
})

it('a link that is unknown, used, expired or for something else is refused alike', async () => {
  const linkOf = async ({ id }: { id: string }) => (await (await mailboxOf(id)).next()).token
  const late = await member()
  const expired = await linkOf(late)
  clock.advance(7 * day)
  const [used, another] = [await linkOf(await member()), await member()]
  const other = await linkOf(another)
  await sql`update links set purpose = 'reset-password' where user_id = ${another.id}`
  await confirm(used)
  const replies = await Promise.all([expired, used, other, 'A'.repeat(43), ''].map((token) => confirm(token)))
  for (const { status, body } of replies)
    expect({ status, ...body, requestId: '' }).toEqual({ status: 422, ...replies[0]!.body, requestId: '' })
  expect(replies[0]!.code).toBe('invalid-link')
  expect(
    await sql`select 1 from users where id in ${sql([late.id, another.id])} and email_confirmed_at is not null`,
  ).toEqual([])
})

describe('the owner of an account is told', () => {
  const secured = async (id: string) =>
    (await saidAbout(id)).filter(({ type }) => type === 'user:secured').map(({ data }) => data)

  it('of a sign-in on a device that is not known, and of no other', async () => {
    const { id, email, device } = await member()
    await device.signIn(email)
    expect(await secured(id)).toEqual([])
    const other = new Device()
    const userAgent = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }
    for (const _ of [1, 2]) await other.signIn(email, password, userAgent)
    await new Device().signIn(email, 'not this one')
    const at = clock.now().toISOString()
    expect(await secured(id)).toEqual([{ userId: id, version: 1, what: 'new-device', device: 'Firefox, Linux', at }])
  })

  it('of a new password', async () => {
    const { id, device } = await member()
    await device.send('PATCH', 'me', { password: 'another password', currentPassword: password })
    expect(await secured(id)).toMatchObject([{ version: 2, what: 'password-changed' }])
  })
})
