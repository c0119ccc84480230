// Several accounts with one address: nobody learns of the others, and the first to confirm the address owns it.

import { describe, expect, it, vi } from 'vitest'
import { clock, Device, Mailbox, mailboxOf, member, password, saidAbout, sql, useAuth } from './auth-testing.ts'

/** The passwords that were hashed to be compared, in any replica; the library does its work as ever. */
const { verified } = vi.hoisted(() => ({ verified: [] as string[] }))
vi.mock('@node-rs/argon2', async (original) => {
  const argon2 = await original<typeof import('@node-rs/argon2')>()
  return {
    ...argon2,
    verify: (stored: string, given: string) => {
      verified.push(given)
      return argon2.verify(stored, given)
    },
  }
})

useAuth()

const day = 24 * 60 * 60_000
const confirm = (token: string | null, at = 0) => new Device().send('POST', 'confirm', { token }, {}, at)
async function signUp(email: string, given = password, at = 0) {
  const device = new Device()
  const reply = await device.send('POST', 'signup', { email, password: given }, {}, at)
  return { ...reply, device, id: String(reply.body.id) }
}
async function confirmedMember() {
  const user = await member()
  const mailbox = await mailboxOf(user.id)
  expect((await confirm((await mailbox.next()).token)).status).toBe(204)
  return { ...user, mailbox }
}
const addressOf = async (id: string) =>
  (await sql`select email_normalized as owned, email_claimed as claimed from users where id = ${id}`)[0]
/** What a sign-in costs, and its status. */
async function cost(email: string, given: string, device = new Device()) {
  verified.length = 0
  const { status } = await device.signIn(email, given)
  return [status, verified.length]
}

describe('a sign-up with an address that has an account', () => {
  it('is answered like any other, and makes an account that only claims the address', async () => {
    const { email } = await confirmedMember()
    const [known, unknown] = [await signUp(` ${email.toUpperCase()}`), await signUp('another.address@aisle.test')]
    const shapeOf = ({ status, body, headers }: typeof known) => [
      status,
      { ...body, id: '', email: '' },
      [...headers.keys()],
    ]
    expect(shapeOf(known)).toEqual(shapeOf(unknown))
    expect(await addressOf(known.id)).toEqual({ owned: null, claimed: email })
    expect(await addressOf(unknown.id)).toEqual({ owned: 'another.address@aisle.test', claimed: null })
    for (const { device, id } of [known, unknown])
      expect(await device.currentUser()).toMatchObject({ id, confirmed: false })
  })

  it('writes as much as any other', async () => {
    const { email } = await confirmedMember()
    const tables = ['users', 'sessions', 'links', 'work', 'outbox', 'audit', 'link_counts']
    const count = async () =>
      Promise.all(tables.map(async (table) => (await sql`select count(*)::int as n from ${sql(table)}`)[0]?.n))
    const added = async (address: string) => {
      const before = await count()
      await signUp(address)
      return (await count()).map((n, i) => n - before[i])
    }
    expect(await added(email)).toEqual(await added('one.more.address@aisle.test'))
  })

  it('of 20 at once with a new address gives one owner', async () => {
    for (let round = 0; round < 3; round++) {
      const cased = (i: number) => (i % 2 ? `race${round}@aisle.test` : `Race${round}@Aisle.test`)
      const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => signUp(cased(i), `password ${i}`, i % 2)))
      expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(201))
      expect(await sql`select 1 from users where email_normalized = ${cased(1)}`).toHaveLength(1)
      expect(await sql`select 1 from users where email_claimed = ${cased(1)}`).toHaveLength(19)
    }
  })

  it('tells the owner by a mail, three times a day, and sends no link to the new account', async () => {
    const { email, mailbox } = await confirmedMember()
    const claims = []
    for (let n = 0; n < 4; n++) {
      const claim = await signUp(email)
      claims.push(await mailboxOf(claim.id))
    }
    for (let n = 0; n < 3; n++)
      expect(await mailbox.next()).toMatchObject({ purpose: 'known-address', token: null, address: email })
    expect((await mailbox.links()).length).toBe(4)
    for (const claim of claims) expect(await claim.links()).toEqual([])
    clock.advance(day)
    const late = new Mailbox((await signUp(email)).id)
    await late.makeKey()
    expect(await mailbox.next()).toMatchObject({ purpose: 'known-address' })
  })

  it('whose owner has not confirmed it gets a link like any other', async () => {
    const { email } = await member()
    const claim = await signUp(email)
    expect(await (await mailboxOf(claim.id)).next()).toMatchObject({ purpose: 'confirm-address', address: email })
  })
})

describe('an address of several accounts', () => {
  it('belongs to the first that confirms it; the link of another does not work any more', async () => {
    const first = await member()
    const [second, third] = [await signUp(first.email), await signUp(first.email)]
    const [mine, theirs, last] = await Promise.all(
      [first, second, third].map(async ({ id }) => (await (await mailboxOf(id)).next()).token),
    )
    expect((await confirm(theirs!)).status).toBe(204)
    expect(await addressOf(second.id)).toEqual({ owned: first.email, claimed: null })
    expect(await addressOf(first.id)).toEqual({ owned: null, claimed: first.email })
    for (const token of [mine!, last!])
      expect(await confirm(token)).toMatchObject({ status: 422, code: 'invalid-link' })
    // What the first has begun goes on.
    expect(await first.device.currentUser()).toMatchObject({ id: first.id, confirmed: false })
  })

  it('belongs to one, however many confirm it at once', async () => {
    for (let round = 0; round < 3; round++) {
      const first = await member()
      const others = await Promise.all([1, 2, 3].map(() => signUp(first.email)))
      const tokens = await Promise.all(
        [first, ...others].map(async ({ id }) => (await (await mailboxOf(id)).next()).token),
      )
      const replies = await Promise.all(tokens.map((token, i) => confirm(token, i % 2)))
      expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 422, 422, 422])
      const owners = await sql`
        select email_confirmed_at is not null as confirmed from users where email_normalized = ${first.email}`
      expect(owners).toEqual([{ confirmed: true }])
    }
  })
})

describe('a sign-in', () => {
  it('finds the owner, and beside one who has confirmed the address the oldest that claims it', async () => {
    const owner = await confirmedMember()
    const [oldest, newest] = [await signUp(owner.email, 'of the oldest'), await signUp(owner.email, 'of the newest')]
    expect((await new Device().signIn(owner.email)).body).toMatchObject({ id: owner.id })
    expect((await new Device().signIn(owner.email, 'of the oldest')).body).toMatchObject({ id: oldest.id })
    expect((await new Device().signIn(owner.email, 'of the newest')).status).toBe(401)
    expect(newest.status).toBe(201)
  })

  it('tells nobody who signs up twice whether there was an account before', async () => {
    const { email } = await confirmedMember()
    const tried = async (address: string) => {
      for (const given of ['the first one', 'the second one']) await signUp(address, given)
      const statuses = []
      for (const given of ['the first one', 'the second one', 'neither of them'])
        statuses.push((await new Device().signIn(address, given)).status)
      return statuses
    }
    expect(await tried(email)).toEqual(await tried('nobody.yet@aisle.test'))
  })

  it('takes two hashes if it fails, and one only for a confirmed owner', async () => {
    const [owner, unconfirmed] = [await confirmedMember(), await member()]
    const claim = await signUp(owner.email, 'of the claimer')
    expect(await cost(owner.email, password)).toEqual([200, 1])
    expect(await cost(unconfirmed.email, password)).toEqual([200, 2])
    expect(await cost(owner.email, 'of the claimer')).toEqual([200, 2])
    expect(await cost(owner.email, 'of the claimer', claim.device)).toEqual([200, 2])
    for (const email of [owner.email, unconfirmed.email, 'nobody.here@aisle.test'])
      expect([email, await cost(email, 'wrong password')]).toEqual([email, [401, 2]])
    expect(await cost(owner.email, 'wrong password', claim.device)).toEqual([401, 2])
  })

  it('to an account that claims an address gives nobody more guesses at its owner’s password', async () => {
    const owner = await confirmedMember()
    const claim = await signUp(owner.email, 'of the claimer')
    const statuses = []
    for (let n = 0; n < 5; n++) {
      statuses.push((await claim.device.signIn(owner.email, `guess number ${n}`)).status)
      await claim.device.signIn(owner.email, 'of the claimer')
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401])
    expect((await claim.device.signIn(owner.email, password)).status).toBe(429)
    // Their own account stays open to them, and the owner's to its owner's device.
    expect((await claim.device.signIn(owner.email, 'of the claimer')).status).toBe(200)
    expect((await owner.device.signIn(owner.email)).status).toBe(200)
    expect((await saidAbout(owner.id)).filter(({ type }) => type === 'user:secured')).toEqual([])
  })
})
