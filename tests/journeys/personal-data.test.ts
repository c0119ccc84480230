// A person gets everything that is held about them, and nothing about anybody else.

import { personalDataEndpoint } from '@aisle/contracts/api/personal-data'
import { services as names, type ServiceName } from '@aisle/contracts/endpoint'
import { services } from '@aisle/dev/stack'
import { heldByKit } from '@aisle/kit/boot/held'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { data as de } from '../../web/app/texts/de-data.ts'
import { data as en } from '../../web/app/texts/en-data.ts'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { secretFor } from '../mailbox.ts'
import { buy, listTicket, openWorld, refusalOf, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

/** Of columns: https://www.postgresql.org/docs/current/catalog-pg-type.html. */
const typeOf = { uuid: 2950, text: 25 }
type Entry = { part: string; held: Record<string, unknown> }

/** All pages of a service. */
async function heldBy(client: Client, service: ServiceName): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let after: string | null = null; ; ) {
    const page: { ok: boolean; body?: unknown; next?: string | null } = await client.call(
      personalDataEndpoint(service),
      { query: after === null ? {} : { after } },
    )
    expect(page.ok).toBe(true)
    entries.push(...(page.body as Entry[]))
    after = page.next ?? null
    if (after === null) return entries
  }
}
const everything = async (client: Client) => (await Promise.all(names.map((name) => heldBy(client, name)))).flat()

/** Resolves when so many wrong passwords are in the audit log. */
const recorded = (count: number) =>
  until(
    () => world.sql('auth')`select 1 from audit where outcome = 'invalid-credentials'`,
    (rows) => rows.length === count,
    'the wrong passwords to be recorded',
  )

/** Resolves when each link was made and each mail has an end. */
async function mailed(): Promise<void> {
  const open = (service: ServiceName) => world.sql(service)`select 1 from work where status = 'pending'`
  await until(
    async () => {
      await world.settled()
      return [...(await open('auth')), ...(await open('notices'))]
    },
    (rows) => rows.length === 0,
    'the mails to be sent',
  )
}

/** What a person gets, without what differs between any two. */
const shapesOf = async (client: Client) =>
  (await everything(client))
    .map(({ part, held }) =>
      JSON.stringify({ part, held })
        .replaceAll(/"[0-9a-f-]{36}"/g, '"an id"')
        .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"a time"')
        .replaceAll(/"[a-z]+(?:\.\d)?@stranger.test"/g, '"the address"'),
    )
    .toSorted()

describe('the data about a person', () => {
  it('is all of it, and no one else’s', async () => {
    const [mara, odo] = [await world.member('Mara Vogelsang'), await world.member('Odo Kranz')]
    await world
      .visitor()
      .expect(204, 'POST', '/api/users/confirm', { token: await secretFor(world, mara.user.email, 'confirm') })
    await mara.expect(200, 'PATCH', '/api/users/me', { phone: '+49 30 1234567' })
    await mara.expect(204, 'PATCH', '/api/notices/mail', { kind: 'expired', mail: false })
    const bought = await buy(world, odo, mara)
    const sold = await buy(world, mara, odo)
    const listed = await listTicket(mara)
    await mara.expect(200, 'PATCH', `/api/tickets/${listed.id}`, { description: 'Signed by hand' })
    await mara.expect(201, 'POST', `/api/payments/${sold.payment.id}/refunds`, { amount: 100 })
    await world.settled()

    const entries = await everything(mara)
    const of = (part: string) => entries.filter((entry) => entry.part === part).map(({ held }) => held)
    expect(of('account')).toMatchObject([
      { id: mara.user.id, email: mara.user.email, name: 'Mara Vogelsang', phone: '+49 30 1234567' },
    ])
    expect(of('bought').map(({ id }) => id)).toEqual([bought.order.id])
    expect(of('sold').map(({ id }) => id)).toEqual([sold.order.id])
    expect(of('payments')).toMatchObject([{ id: bought.payment.id, amount: 4500, currency: 'usd' }])
    expect(of('listings')).toContainEqual(expect.objectContaining({ id: listed.id, description: 'Signed by hand' }))
    expect(of('earnings').map(({ kind, amount }) => [kind, amount])).toEqual(
      expect.arrayContaining([
        ['sale', 4500],
        ['refund', -100],
      ]),
    )
    expect(of('balance')).toMatchObject([{ currency: 'usd', due: 4400 }])
    expect(of('notices').map(({ kind }) => kind)).toEqual(expect.arrayContaining(['bought', 'sold']))
    expect(of('choices')).toEqual([{ kind: 'expired', mail: false }])
    expect(of('sessions')).toHaveLength(1)
    expect(of('record').map(({ action }) => action)).toEqual(expect.arrayContaining(['sign-up', 'refund']))
    const text = JSON.stringify(entries)
    for (const foreign of [odo.user.email, odo.user.id, 'Odo Kranz', 'argon2', 'privateKey'])
      expect([foreign, text.includes(foreign)]).toEqual([foreign, false])

    const others = await everything(odo)
    expect(others.filter(({ part }) => part === 'refunds')).toHaveLength(1)
    expect(JSON.stringify(others)).not.toContain(mara.user.id)
  })

  it('looks the same to whoever claims an address and to its first account, until one of them has confirmed it', async () => {
    const [taken, shared, free] = ['taken', 'shared', 'free'].map((word) => `${word}@stranger.test`) as [
      string,
      string,
      string,
    ]
    const confirm = async (email: string) =>
      world.visitor().expect(204, 'POST', '/api/users/confirm', { token: await secretFor(world, email, 'confirm') })
    const signUp = async (email: string) => {
      const client = world.visitor()
      await client.expect(201, 'POST', '/api/users/signup', { email, password: 'a good password', name: 'Somebody' })
      return client
    }
    const owner = await signUp(taken)
    await signUp(shared)
    await confirm(taken)
    const [other, first, second, claimer] = [
      await world.member(),
      await signUp(free),
      await signUp(shared),
      await signUp(taken),
    ]
    await confirm(other.user.email)
    for (const email of [free, shared, taken]) {
      await world.visitor().expect(200, 'POST', '/api/users/reset', { email })
      await world.visitor().expect(401, 'POST', '/api/users/signin', { email, password: 'a wrong password' })
    }
    for (const email of [other.user.email, 'nobody@stranger.test']) {
      for (const who of [first, second, claimer]) await who.expect(204, 'POST', '/api/users/me/address', { email })
      await world.clock.advance(61_000)
    }
    await recorded(3)
    const expectTheSame = async () => {
      await mailed()
      const seen = await Promise.all([first, second, claimer].map(shapesOf))
      expect(seen[0]!.length).toBeGreaterThan(5)
      for (const one of seen.slice(1)) expect(one).toEqual(seen[0])
      expect(JSON.stringify(seen)).not.toContain('reset-password')
    }
    await expectTheSame()

    // Nor do they learn it afterwards, from an address of their own.
    for (const [at, who] of [first, second, claimer].entries()) {
      const email = `own.${at}@stranger.test`
      await who.expect(204, 'POST', '/api/users/me/address', { email })
      await confirm(email)
    }
    await expectTheSame()

    // The owner gets what came of it.
    const purposes = (await everything(owner)).filter(({ part }) => part === 'links').map(({ held }) => held.purpose)
    expect(purposes).toEqual(expect.arrayContaining(['confirm-address', 'known-address', 'reset-password']))
    const mails = (await everything(owner)).filter(({ part }) => part === 'mails').map(({ held }) => held.kind)
    expect(mails).toEqual(['known-address'])
  })

  it('shows that an address refuses our mail only to who has confirmed it', async () => {
    const [person, seller] = [await world.member(), await world.member()]
    const token = await secretFor(world, person.user.email, 'confirm')
    await mailed()
    await world.sql('notices')`
      insert into suppressions (address_mac, reason, at)
      select address_mac, 'refused', now() from deliveries where user_id = ${person.user.id} and status = 'sent'`
    const refused = async () => (await everything(person)).filter(({ part }) => part === 'refused-mail')
    expect(await refused()).toEqual([])
    await world.visitor().expect(204, 'POST', '/api/users/confirm', { token })
    await buy(world, seller, person)
    await mailed()
    expect(await refused()).toMatchObject([{ held: { reason: 'refused' } }])
  })

  it('has a name and a reason for each part and field, in every language', async () => {
    const person = await world.member()
    const fields = new Set<string>()
    for (const definition of services)
      for (const { part, key, select } of [...definition.holds, ...heldByKit]) {
        const sql = world.sql(definition.name)
        const described = await sql`select * from (${select(sql, person.user.id)}) held limit 0`
        const type = described.columns.find(({ name }) => name === 'key')?.type
        expect([part, type]).toEqual([part, { id: typeOf.uuid, text: typeOf.text }[key]])
        for (const { name } of described.columns) if (name !== 'key' && name !== 'currency') fields.add(name)
        expect([part, part in en.parts, part in de.parts]).toEqual([part, true, true])
      }
    for (const texts of [en, de]) expect([...fields].filter((field) => !(field in texts.fields))).toEqual([])
  })

  it('comes page by page, each entry once', async () => {
    const person = await world.member()
    const sql = world.sql('tickets')
    const ids = Array.from({ length: 1_203 }, () => newId())
    await sql`
      insert into audit (id, at, actor, action, outcome)
      select id, now(), ${person.user.id}, 'tickets-read', 'done' from unnest(${ids}::uuid[]) id`
    const { body, headers } = await person.send<Entry[]>('GET', '/api/personal-data/tickets')
    expect(body).toHaveLength(500)
    expect(headers.get('link')).toContain('rel="next"')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(await heldBy(person, 'tickets')).toHaveLength(1_203)
    const newest = await person.expect<{ held: { at: string } }[]>(200, 'GET', '/api/personal-data/tickets?newest=3')
    expect(newest).toHaveLength(3)
    const both = await person.send('GET', '/api/personal-data/tickets?newest=3&after=x')
    expect(refusalOf(both)).toEqual([400, 'invalid'])
  })

  it('needs a session and a fresh proof, and refuses a cursor that is none', async () => {
    const person = await world.member()
    expect((await world.visitor().send('GET', '/api/personal-data/orders')).status).toBe(401)
    const forged = (values: unknown) => Buffer.from(JSON.stringify(values)).toString('base64url')
    for (const after of ['x', forged(['0', 'x']), forged([0, 5]), forged([0]), forged([0, 'x']), forged([2, 'a\0'])])
      expect(refusalOf(await person.send('GET', `/api/personal-data/orders?after=${after}`))).toEqual([400, 'invalid'])
    expect((await person.send('GET', `/api/personal-data/orders?after=${forged([99, 'x'])}`)).body).toEqual([])
    expect((await person.send('GET', `/api/personal-data/orders?after=${forged([-1, 'x'])}`)).status).toBe(200)
    await world.clock.advance(11 * 60_000)
    expect(refusalOf(await person.send('GET', '/api/personal-data/orders'))).toEqual([403, 'proof-needed'])
    await person.expect(204, 'POST', '/api/users/me/proof', { password: 'a good password' })
    await person.expect(200, 'GET', '/api/personal-data/orders')
  })
})
