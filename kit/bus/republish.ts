// Sets a service's relay back, so that it publishes again what its outbox still keeps. For a broker, or a listener's database, that has lost
// something; whoever has had the messages skips them.

import type { Sql } from '../db/database.ts'
import type { Position } from './outbox-log.ts'

/**
 * Has everything published again that was written since `since`, at once if the service runs. Resolves to the number of messages, or to null where
 * nothing was ever published to a broker.
 */
export async function republish(sql: Sql, since: Date): Promise<number | null> {
  const [relay] = await sql<{ unused: boolean }[]>`select xid = '0' and rewinds = 0 as unused from relay_position`
  if (!relay || relay.unused) return null
  const [first] = await sql<Position[]>`
    select xid::text, (seq - 1)::text as seq from outbox where written_at >= ${since} order by outbox.xid, outbox.seq limit 1`
  if (!first) return 0
  // Forward it is never set: what was not published yet would be skipped.
  await sql`
    update relay_position
    set (xid, seq) = (select * from (values (xid, seq), (${first.xid}::text::xid8, ${first.seq}::text::bigint)) p (xid, seq) order by xid, seq limit 1),
        stream_sequence = null, rewinds = rewinds + 1`
  await sql`select pg_notify('outbox', '')`
  const [again] = await sql<{ count: number }[]>`
    select count(*)::int as count from outbox where (xid, seq) > (${first.xid}::text::xid8, ${first.seq}::text::bigint)`
  return again?.count ?? 0
}
