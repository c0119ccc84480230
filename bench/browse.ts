// (e) GET /api/tickets with 1,000,000 listed tickets of 5,000 events. Reference: a bare node:http server that
// returns the same bytes.

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchStack, sellerId } from './stack.ts'
import { median, ms, perSecond, type Row } from './table.ts'
import { type Load, latePart, wrk } from './wrk.ts'

const tickets = 1_000_000
const events = 5_000
const atOnce = 50_000
const connections = 32
const seconds = 4
const bareSeconds = 2
const rounds = 3
const cities = ['Vienna', 'Berlin', 'London', 'Paris', 'Tokyo', 'Oslo', 'Zurich', 'Madrid']
const seats = ['Stalls', 'Balcony', 'Gallery', 'Floor']

export async function browse(stack: BenchStack): Promise<Row[]> {
  await fill(stack)
  const origin = stack.addresses.tickets!
  const deep = await cursorAt(stack, tickets / 2)
  const search = (...words: string[]) => `/api/tickets?limit=20&q=${words.join('+')}`
  const pages: [name: string, paths: string[], aim: string][] = [
    ['first page', ['/api/tickets?limit=20'], '3,000/s'],
    ['deep page, row 500,000', [`/api/tickets?limit=20&after=${deep}`], '180/s'],
    ['by price', ['/api/tickets?limit=20&sort=price&currency=usd'], '180/s'],
    ['of one event', [`/api/tickets?limit=20&eventId=${await anEvent(stack)}`], '180/s'],
    ['search, rare word', [search('gallery1234')], '2,000/s'],
    ['search, 5,000 rare words', Array.from({ length: 5_000 }, (_, nr) => search(`gallery${1_000 + nr}`)), '180/s'],
    ['search, frequent word', [search('concert')], '180/s'],
    ['search, two words', [search('vienna', 'balcony')], '500/s, p99 under 200 ms'],
    ['search, 32 pairs, 24 never together', cities.flatMap((city) => seats.map((seat) => search(city, seat))), '180/s'],
    ['events', ['/api/events?limit=20'], '180/s'],
  ]
  const folder = await mkdtemp(join(tmpdir(), 'aisle-bench-load-'))
  const rows: Row[] = []
  for (const [name, paths, aim] of pages) {
    const asked = join(folder, 'paths')
    await writeFile(asked, paths.join('\n'))
    const body = await (await fetch(`${origin}${paths[0]}`)).text()
    const bare = createServer((_request, response) =>
      response.setHeader('content-type', 'application/json').end(body),
    ).listen(0, '127.0.0.1')
    await once(bare, 'listening')
    const load = { connections, script: 'get.lua', args: [asked] }
    const ours: Load[] = []
    const reference: Load[] = []
    for (let round = 0; round < rounds; round++) {
      reference.push(
        await wrk(`http://127.0.0.1:${(bare.address() as AddressInfo).port}/`, { ...load, seconds: bareSeconds }),
      )
      ours.push(await wrk(origin, { ...load, seconds }))
    }
    bare.close()
    bare.closeAllConnections()
    const rate = median(ours.map(({ perSecond }) => perSecond))
    const bareRate = median(reference.map(({ perSecond }) => perSecond))
    const refused = ours.reduce((sum, { refused }) => sum + refused, 0)
    rows.push({
      name: `(e) 1,000,000 tickets: ${name}`,
      ours: `${perSecond(rate)}, p99 ${ms(median(ours.map(({ p99Ms }) => p99Ms)))}${latePart(ours)}${
        refused === 0 ? '' : `, ${refused} cut off`
      }`,
      reference: `bare server, same bytes: ${perSecond(bareRate)}`,
      ratio: (rate / bareRate).toFixed(2),
      aim,
    })
  }
  await rm(folder, { recursive: true, force: true })
  return rows
}

async function fill(stack: BenchStack): Promise<void> {
  const sql = stack.sql('tickets')
  await sql`insert into users (id, version, name) values (${sellerId}, 1, 'Seller') on conflict do nothing`
  await sql`
    with named as (
      select n, (array['Concert', 'Match', 'Opera', 'Comedy', 'Festival'])[1 + n % 5] || ' ' || n as name,
        'Venue ' || n % 300 as venue,
        (${cities}::text[])[1 + n % ${cities.length}::int] as city
      from generate_series(1, ${events}::int) n)
    insert into events (id, identity, name, venue, city, city_key, starts_at, kind, search, search_version, created_at)
    select uuidv7(), 'bench ' || n, name, venue, city, lower(city), now() + n * interval '1 hour', 'concert',
           to_tsvector('simple', name || ' ' || venue || ' ' || city), 1, now()
    from named`
  // In batches: a service's role may not keep a transaction open for long.
  for (let from = 1; from <= tickets; from += atOnce) {
    await sql`
      with numbered as (select e.*, row_number() over (order by id) as number from events e)
      insert into tickets (id, version, title, price, currency, event_id, starts_at, seller_id, status, seat_key,
        search, search_version, created_at, updated_at)
      select uuidv7(), 1, title, 2000 + n % 1000 * 7919 % 50000, 'usd', e.id, e.starts_at, ${sellerId}, 'listed', '',
             to_tsvector('simple', title || ' gallery ' || n % 10000 || ' ' || e.name || ' ' || e.venue || ' ' || e.city), 1, now(), now()
      from generate_series(${from}::int, ${from + atOnce - 1}::int) n
      join numbered e on e.number = 1 + n % ${events}::int,
      lateral (select (${seats}::text[])[1 + n % ${seats.length}::int] ||
        ' gallery' || n % 10000 as title) t`
  }
  await sql`vacuum (analyze) tickets`
  await sql`vacuum (analyze) events`
}

async function cursorAt(stack: BenchStack, row: number): Promise<string> {
  const [at] = await stack.sql('tickets')<
    { id: string }[]
  >`select id from tickets order by id desc offset ${row} limit 1`
  return Buffer.from(JSON.stringify([at!.id])).toString('base64url')
}

async function anEvent(stack: BenchStack): Promise<string> {
  const [event] = await stack.sql('tickets')<{ id: string }[]>`select id from events order by id offset 2500 limit 1`
  return event!.id
}
