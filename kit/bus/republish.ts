// Sets a service's relay back, so that it publishes again what its outbox still keeps. For a broker or a listener's
// database that has lost something; listeners that have had the messages skip them.

import type { Sql } from '../db/database.ts'
import { beginning, type Position } from './outbox-log.ts'

/**
 * Has everything that was written since `since` published again, at once if the service runs. Resolves to the
 * number of messages, or to null where nothing was ever published to a broker.
 */
export async function republish(sql: Sql, since: Date): Promise<number | null> {
  const [relay] = await sql<{ unused: boolean }[]>`select xid = '0' and rewinds = 0 as unused from relay_position`
  if (!relay || relay.unused) return null
  // The position of the row before it, so that listeners see that nothing is missing in between.
  const [first] = await sql<{ count: number; xid: string | null; seq: string | null }[]>`
    with first as (
      select xid, seq from outbox where written_at >= ${since} order by outbox.xid, outbox.seq limit 1)
    select (select count(*)::int from outbox where (xid, seq) >= (first.xid, first.seq)) as count,
      before.xid::text, before.seq::text
    from first left join lateral (
      select xid, seq from outbox where (xid, seq) < (first.xid, first.seq)
      order by outbox.xid desc, outbox.seq desc limit 1
    ) before on true`
  if (!first) return 0
  await setBack(sql, first.xid && first.seq ? { xid: first.xid, seq: first.seq } : beginning)
  return first.count
}

/**
 * Has what lies after `position` published again. It never moves the relay forward, which would skip what is not
 * published yet.
 */
export async function setBack(sql: Sql, { xid, seq }: Position): Promise<void> {
  await sql`
    update relay_position
    set (xid, seq) = (
        select * from (values (xid, seq), (${xid}::text::xid8, ${seq}::text::bigint)) p (xid, seq)
        order by xid, seq limit 1),
        stream_sequence = null, rewinds = rewinds + 1`
  await sql`select pg_notify('outbox', '')`
}
