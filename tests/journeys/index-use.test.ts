// Every list is read through an index. PostgreSQL's own counters show it, in a separate marketplace so that
// nothing else is counted.

import { until } from '@aisle/kit/testing/settled'
import { expect, it } from 'vitest'
import { openWorld } from '../world.ts'

it('no list reads a whole table, however many tickets there are [U1]', async () => {
  await using world = await openWorld()
  const seller = await world.member('Seller')
  await world.settled()
  const sql = world.sql('tickets')
  await sql`
    insert into events (id, identity, name, venue, city, city_key, starts_at, kind, search, search_version, created_at)
    select uuidv7(), 'many ' || n, 'Event ' || n, 'Venue', 'City ' || n % 50, 'city ' || n % 50,
      now() + n * interval '1 minute', 'concert', to_tsvector('simple', 'event venue ' || n), 1, now()
    from generate_series(1, 20000) n`
  await sql`
    with numbered as (select id, starts_at, row_number() over () as number from events where identity like 'many %')
    insert into tickets (id, version, title, price, currency, event_id, starts_at, seller_id, status, search,
      search_version, created_at, updated_at)
    select uuidv7(), 1, 'Seat ' || n, 500 + n, 'usd', e.id, e.starts_at, u.id, 'listed',
      array_to_tsvector(array['seat', 'row', n::text, 'row' || n]), 1, now(), now()
    from generate_series(1, 100000) n join numbered e on e.number = 1 + n % 20000, (select id from users limit 1) u`
  await sql`analyze`
  const scans = async () => {
    await sql`select pg_stat_clear_snapshot()`
    const rows = await sql<{ relname: string; seqScan: number; idxScan: number }[]>`
      select relname, seq_scan::int, idx_scan::int from pg_stat_user_tables where relname in ('tickets', 'events')
      order by relname`
    return {
      whole: rows.map(({ relname, seqScan }) => [relname, seqScan]),
      byIndex: rows.reduce((sum, { idxScan }) => sum + idxScan, 0),
    }
  }
  const [event] = await sql<{ eventId: string }[]>`select event_id from tickets where event_id is not null limit 1`
  // The reads of this test's own connections must be counted now, not later. The short sleep keeps both
  // connections busy, so that each flushes.
  await Promise.all([1, 2].map(() => sql`select pg_sleep(0.05), pg_stat_force_next_flush()`))
  const before = await scans()
  const visitor = world.visitor()
  const paths = [
    ...['newest', 'price', '-price', 'soonest'].map((sort) => `/api/tickets?sort=${sort}&currency=usd`),
    `/api/tickets?eventId=${event!.eventId}`,
    `/api/tickets?eventId=${event!.eventId}&sort=price&currency=usd`,
    '/api/tickets?q=row4711',
    '/api/tickets?q=seat',
    '/api/tickets?q=row/4711',
    '/api/events',
    '/api/events?q=77',
    '/api/events?city=city+7',
    '/api/events?kind=concert',
    '/api/events?maxPrice=700&currency=usd',
    '/api/tickets?sort=price&minPrice=900&maxPrice=1000&currency=usd',
  ]
  // Six times: from the sixth on PostgreSQL may plan a prepared statement for any parameters instead of these.
  for (let time = 0; time < 6; time++) {
    for (const path of paths) {
      const { headers } = await visitor.send('GET', path)
      const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
      if (next) await visitor.expect(200, 'GET', next)
    }
    await seller.expect(200, 'GET', '/api/tickets/mine')
  }
  // A connection reports what it did up to a second later.
  const after = await until(
    scans,
    ({ byIndex }) => byIndex >= before.byIndex + 6 * paths.length,
    'the statistics of the reads',
  )
  expect(after.whole).toEqual(before.whole)
})
