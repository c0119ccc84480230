// The erasure of an account in auth: asked for, answered by orders and payments, which the test plays, and decided.

import type { Data } from '@aisle/contracts/message'
import { ErasureAnsweredByOrders } from '@aisle/contracts/messages/orders'
import { ErasureAnsweredByPayments } from '@aisle/contracts/messages/payments'
import { snapshotOf } from '@aisle/kit/bus/snapshot'
import { inDatabase } from '@aisle/kit/db/in-database'
import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import {
  admin,
  adminLogin,
  clock,
  Device,
  databases,
  isNobody,
  mailboxOf,
  member,
  password,
  publish,
  saidAbout,
  sql,
  useAuth,
} from './auth-testing.ts'
import { tablesOfUser } from './erase-user.ts'
import { everyUser } from './snapshot.ts'
import { tasks } from './tasks.ts'

useAuth()

const minute = 60_000
const day = 24 * 60 * minute
const answers = { orders: ErasureAnsweredByOrders, payments: ErasureAnsweredByPayments }
type Reasons = Data<typeof ErasureAnsweredByOrders>['reasons']

const say = (by: keyof typeof answers, userId: string, version = 1, reasons: Reasons = []) =>
  publish(answers[by], userId, { userId, version, reasons })
const erasureOf = async (id: string) =>
  (await sql<{ version: number; status: string }[]>`select version, status from erasures where user_id = ${id}`)[0]
const typesAbout = async (id: string) => (await saidAbout(id)).map(({ type }) => type)
/** Waits until the account is asked for, which the request does not do. */
const askedFor = (id: string, version = 1) =>
  until(
    () => erasureOf(id),
    (row) => row?.version === version && row.status === 'asked',
    `the erasure of ${id} to be asked for`,
  )
/** Asks, and lets the services answer. */
async function erase({ device, id }: Awaited<ReturnType<typeof member>>, version = 1, reasons: Reasons = []) {
  const reply = device.send('POST', 'me/erasure')
  await askedFor(id, version)
  await say('orders', id, version, reasons)
  await say('payments', id, version)
  return reply
}

it('every table with rows about a user is known to an erasure', async () => {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'user_id' order by table_name`
  const kept = ['erasures', 'forgotten_callers', 'session_revocations']
  expect(tables.map(({ name }) => name)).toEqual([...tablesOfUser, ...kept].toSorted())
})

describe('an account that nothing stands in the way of', () => {
  it('is gone, with all that names its user, and its session', async () => {
    const one = await member({ name: 'Planted Ann' })
    const { id, email, device } = one
    const mailbox = await mailboxOf(id)
    await mailbox.next()
    await device.send('PATCH', 'me', { phone: '+43 1 999 88 77', language: 'de' })
    await new Device().signIn(email, 'not this one')
    const reply = await erase(one)
    expect([reply.status, reply.body]).toMatchObject([200, { status: 'done', reasons: [] }])
    expect(device.cookie).toBe('session=')
    expect((await typesAbout(id)).slice(-3)).toEqual(['user:erasure-asked', 'session:revoked', 'user:erased'])
    expect(await sql`select id, name, phone, email, password_hash, role, language from users where id = ${id}`).toEqual(
      [{ id, name: null, phone: null, email: '', passwordHash: '', role: 'user', language: 'en' }],
    )
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not in ('outbox', 'users', 'erasures')`
    for (const { name } of tables)
      for (const planted of [email, 'Planted', '999 88'])
        expect([name, await sql`select 1 from ${sql(name)} t where t::text like ${`%${planted}%`}`]).toEqual([name, []])
    for (const name of tablesOfUser)
      expect([name, await sql`select 1 from ${sql(name)} where user_id = ${id}`]).toEqual([name, []])
    expect(await sql`select address from audit where actor = ${id} and address is not null`).toEqual([])
  })

  it('is refused like a wrong password, and its address is free', async () => {
    const one = await member()
    const old = one.device.cookie
    await erase(one)
    const refusals = [await new Device().signIn(one.email), await new Device().signIn('nobody@aisle.test')]
    expect(refusals.map(({ status, code }) => [status, code])).toEqual([
      [401, 'invalid-credentials'],
      [401, 'invalid-credentials'],
    ])
    one.device.cookie = old
    expect(await one.device.currentUser()).toSatisfy(isNobody)
    for (const path of ['me/erasure', 'signout-everywhere', 'me/confirmation'])
      expect((await one.device.send('POST', path)).status).toBe(401)
    const again = await new Device().send('POST', 'signup', { email: one.email, password })
    expect([again.status, again.body.id === one.id]).toEqual([201, false])
    expect((await new Device().signIn(one.email)).body.id).toBe(again.body.id)
  })

  it('does not come back with a key, a link, a ban or a snapshot', async () => {
    const one = await member()
    const mailbox = await mailboxOf(one.id)
    const { token } = await mailbox.next()
    await erase(one)
    const before = await sql`select * from users where id = ${one.id}`
    expect((await new Device().send('POST', 'confirm', { token })).status).toBe(422)
    expect((await (await admin()).send('POST', `${one.id}/ban`, { reason: 'late' })).status).toBe(404)
    await mailboxOf((await member()).id)
    expect(await sql`select * from users where id = ${one.id}`).toEqual(before)
    await snapshotOf(databases.url('auth'), 'auth', [everyUser])
    expect((await typesAbout(one.id)).at(-1)).toBe('user:erased')
  })
})

describe('an account that something stands in the way of', () => {
  it('stays as it is, and its user reads what it is; later it can be erased', async () => {
    const one = await member()
    const reasons = [{ code: 'order-unfinished', subject: one.id }]
    const reply = await erase(one, 1, reasons)
    expect(reply.body).toMatchObject({ status: 'refused', version: 1, reasons })
    expect((await one.device.send('GET', 'me/erasure')).body).toEqual(reply.body)
    expect(await one.device.currentUser()).toMatchObject({ id: one.id })
    expect((await typesAbout(one.id)).at(-1)).toBe('user:erasure-refused')
    expect((await erase(one, 2)).body).toMatchObject({ status: 'done', version: 2 })
  })

  it('waits for every answer, and an answer to an earlier wish counts for nothing', async () => {
    const { id, device } = await member()
    const first = device.send('POST', 'me/erasure')
    await askedFor(id)
    await say('payments', id, 1, [{ code: 'balance-due' }])
    await say('orders', id)
    expect((await first).body).toMatchObject({ status: 'refused', reasons: [{ code: 'balance-due' }] })
    const second = device.send('POST', 'me/erasure')
    await askedFor(id, 2)
    for (const by of ['orders', 'payments', 'orders'] as const) await say(by, id, 1)
    await say('orders', id, 2)
    await say('orders', id, 2, [{ code: 'event-ahead' }])
    await mailboxOf((await member()).id)
    expect(await erasureOf(id)).toEqual({ version: 2, status: 'asked' })
    await say('payments', id, 2)
    expect((await second).body).toMatchObject({ status: 'done' })
  })

  it('is asked for again when an answer does not come', async () => {
    const { id, device } = await member()
    const reply = device.send('POST', 'me/erasure')
    await askedFor(id)
    await say('orders', id)
    clock.advance(11 * minute)
    await askedFor(id, 2)
    await say('payments', id)
    await say('payments', id, 2)
    await say('orders', id, 2)
    expect((await reply).body).toMatchObject({ status: 'done', version: 2 })
  })

  it('two wishes at once are one', async () => {
    const { id, device } = await member()
    const replies = [0, 1].map((at) => device.send('POST', 'me/erasure', undefined, {}, at))
    await askedFor(id)
    await say('orders', id)
    await say('payments', id)
    for (const reply of replies) expect([200, 401]).toContain((await reply).status)
    expect((await typesAbout(id)).filter((type) => type === 'user:erasure-asked')).toHaveLength(1)
  })

  it('is not erased when it was banned while the services answered', async () => {
    const { id, device } = await member()
    const reply = device.send('POST', 'me/erasure')
    await askedFor(id)
    await (await admin()).send('POST', `${id}/ban`, { reason: 'sold a seat twice' })
    await say('orders', id)
    await say('payments', id)
    expect((await reply).body).toMatchObject({ status: 'refused', reasons: [] })
    expect(await sql`select 1 from users where id = ${id} and banned_at is not null`).toHaveLength(1)
  })
})

it('guesses at the password of an address stay counted when an account that merely claims it is erased', async () => {
  const owner = await member()
  const claimer = new Device()
  const { body } = await claimer.send('POST', 'signup', { email: owner.email, password })
  for (let nth = 0; nth < 5; nth++) await new Device().signIn(owner.email, `guess ${nth}`)
  expect((await new Device().signIn(owner.email, 'one more')).status).toBe(429)
  await erase({ device: claimer, email: owner.email, id: String(body.id) })
  expect((await new Device().signIn(owner.email, 'one more')).status).toBe(429)
})

it('the account of an admin is refused', async () => {
  const { device } = { device: await admin() }
  expect(await device.send('POST', 'me/erasure')).toMatchObject({ status: 403, code: 'forbidden' })
})

describe('an operator', () => {
  const operate = (...args: string[]) => inDatabase(databases.url('auth'), 'test', (db) => tasks.erase(db, args))

  it('asks for it by address or by id, and it is in the audit log', async () => {
    for (const which of ['email', 'id'] as const) {
      const one = await member()
      expect(await operate(one[which])).toContain(`Account ${one.id} is erased as soon as`)
      await say('orders', one.id)
      await say('payments', one.id)
      await until(
        () => erasureOf(one.id),
        (row) => row?.status === 'done',
        'the account to be erased',
      )
      expect(await sql`select outcome from audit where action = 'erasure' and subject = ${one.id} order by id`).toEqual(
        [{ outcome: 'asked' }, { outcome: 'done' }],
      )
      await expect(operate(one[which])).rejects.toThrow('There is no account')
    }
  })

  it('erases no admin and nobody who is banned', async () => {
    await expect(operate(adminLogin.email)).rejects.toThrow('The account of an admin')
    const { id, email } = await member()
    await (await admin()).send('POST', `${id}/ban`, { reason: 'sold a seat twice' })
    await expect(operate(email)).rejects.toThrow('This account is banned')
  })
})

it('an account that was never confirmed is asked for after a month without use, and no other', async () => {
  const [unused, used, confirmed] = [await member(), await member(), await member()]
  const older = await member()
  await sql`update users set asked_to_confirm_at = null where id = ${older.id}`
  await inDatabase(databases.url('auth'), 'test', (db) => tasks.confirm(db, [confirmed.email]))
  clock.advance(20 * day)
  await used.device.signIn(used.email)
  clock.advance(11 * day)
  await askedFor(unused.id)
  await say('orders', unused.id)
  await say('payments', unused.id, 1, [{ code: 'balance-due' }])
  await until(
    () => erasureOf(unused.id),
    (row) => row?.status === 'refused',
    'the erasure to be refused',
  )
  expect(await sql`select 1 from erasures where user_id in ${sql([used.id, confirmed.id, older.id])}`).toEqual([])
  expect((await saidAbout(unused.id)).at(-1)).toMatchObject({ data: { by: 'unused' } })
})

it('an account that is used again while the services answer is not erased for want of use', async () => {
  const [seen, confirmed] = [await member(), await member()]
  clock.advance(31 * day)
  for (const { id } of [seen, confirmed]) await askedFor(id)
  expect((await new Device().signIn(seen.email)).status).toBe(200)
  await inDatabase(databases.url('auth'), 'test', (db) => tasks.confirm(db, [confirmed.email]))
  for (const { id } of [seen, confirmed]) {
    await say('orders', id)
    await say('payments', id)
    await until(
      () => erasureOf(id),
      (row) => row?.status === 'refused',
      'the erasure to be refused',
    )
  }
})
