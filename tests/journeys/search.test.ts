// Searching tickets and events: a name is found however it is spelled, even one stored by an earlier version.

import type { Event, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, type World } from '../world.ts'

let world: World
let seller: Client
beforeAll(async () => {
  world = await openWorld()
  seller = await world.member()
})
afterAll(() => closeWorld(world))

const eventsOf = async (query: Record<string, string>) =>
  (await world.visitor().expect<Event[]>(200, 'GET', `/api/events?${new URLSearchParams(query)}`)).map(
    ({ name }) => name,
  )
const ticketsOf = async (q: string) =>
  (await world.visitor().expect<Ticket[]>(200, 'GET', `/api/tickets?${new URLSearchParams({ q })}`)).map(
    ({ event }) => event?.name,
  )

it.each([
  ['AC/DC', ['ac/dc', 'ac dc', 'acdc', 'AC/DC power']],
  ['R.E.M.', ['rem', 'r.e.m.', 'r.e.m', 'r e m']],
  ['24/7', ['24/7', '24 7', '247']],
  ['will.i.am', ['will.i.am', 'will i am', 'william']],
  ['Formula-1', ['formula-1', 'formula 1']],
  ['Björk', ['bjork', 'Bjo\u0308rk']],
  ['नमस्ते', ['नमस्ते']],
  ['周杰伦嘉年华', ['周杰伦', '嘉年华']],
])('"%s" is found by its usual spellings, among tickets and among events', async (name, spellings) => {
  const event = { name: `${name} power up`, venue: 'Great Hall', startsAt: '2099-01-01T19:00:00Z' }
  await listTicket(seller, { title: 'Row 5-7', event })
  for (const spelling of spellings) {
    expect(await eventsOf({ q: spelling }), spelling).toContain(event.name)
    expect(await ticketsOf(spelling), spelling).toContain(event.name)
    expect(await ticketsOf(`${spelling} 7`), spelling).toContain(event.name)
  }
})

it('a city is found in any spelling', async () => {
  await listTicket(seller, {
    event: { name: 'Rosenmontag', venue: 'Gürzenich', city: 'Köln', startsAt: '2099-02-10T10:00:00Z' },
  })
  for (const city of ['Köln', ' Köln ', 'KÖLN', 'Ko\u0308ln', 'koln'])
    expect(await eventsOf({ city })).toEqual(['Rosenmontag'])
  expect(await eventsOf({ city: 'Bonn' })).toEqual([])
})

it('what an earlier version stored is found once it is indexed, a few rows at a time', async () => {
  const sql = world.sql('tickets')
  const many = 450
  const known = { name: 'Old Night', venue: 'Hall', city: 'Graz', startsAt: '2099-03-01T19:00:00.000Z' }
  const oldId = newId()
  await sql`
    insert into events (id, identity, name, venue, city, starts_at, created_at)
    values (${oldId}, ${`old night\nhall\n${known.startsAt}`}, 'Old Night', 'Hall', 'Graz', ${known.startsAt}, now())`
  // An event stored by an earlier version is the same event, before it is indexed and after.
  expect((await listTicket(seller, { event: known })).event?.id).toBe(oldId)
  await sql`
    insert into events (id, identity, name, venue, city, starts_at, created_at)
    select uuidv7(), 'old ' || n, 'Motörhead/Saxon ' || n, 'Halle', 'Zürich', now() + n * interval '1 day', now()
    from generate_series(1, ${many}::int) n`
  const ticketIds = [newId(), newId()]
  await sql`
    insert into tickets (id, version, title, price, currency, event_id, starts_at, seller_id, status, search,
      created_at, updated_at)
    select t.id, 1, 'Stehplatz', 4500, 'eur', e.id, e.starts_at, u.id, 'listed',
      to_tsvector('simple', 'Stehplatz ' || e.name), now(), now()
    from (values (${ticketIds[0]!}::uuid, 'old 7'), (${ticketIds[1]!}::uuid, ${`old ${many - 1}`})) t (id, identity)
    join events e using (identity), (select id from users limit 1) u`
  expect(await eventsOf({ q: 'saxon' })).toEqual([])
  await until(
    async () => {
      await world.clock.advance(60_000)
      const [left] = await sql<{ count: number }[]>`
        select (select count(*) from events where search_version is distinct from 1)::int +
          (select count(*) from tickets where search_version is distinct from 1)::int as count`
      return left?.count
    },
    (left) => left === 0,
    'every row to be indexed',
  )
  expect(await eventsOf({ q: 'motorhead saxon 449', city: 'zurich' })).toEqual(['Motörhead/Saxon 449'])
  expect(await ticketsOf('stehplatz saxon 7')).toEqual(['Motörhead/Saxon 7'])
  expect((await listTicket(seller, { event: { ...known, name: 'OLD night' } })).event?.id).toBe(oldId)
  expect((await listTicket(seller, { event: { ...known, city: 'Linz' } })).event?.id).not.toBe(oldId)
  // It is the same ticket: no change is announced.
  const versions = await sql`select version from tickets where id = any(${ticketIds}::uuid[])`
  expect(versions).toEqual([{ version: 1 }, { version: 1 }])
  await sql`delete from tickets where id = any(${ticketIds}::uuid[])`
})
