// The metrics of orders beyond those of the kit; docs/runbook.md says how to respond. Registered with the
// service's metrics.

import type { Sql } from '@aisle/kit/db/database'
import { addGauge, type ServiceMetrics } from '@aisle/kit/metrics'

/** Soon enough for something the index forbids. */
const everyMs = 60_000
/**
 * Older orders read per pass beside the new ones: 32 million, a year at one sale per second, are all checked
 * within a day.
 */
const walkedAtOnce = 25_000
const first = '00000000-0000-0000-0000-000000000000'

/** `sql` is read when the metrics are scraped. */
export function addMeters(metrics: ServiceMetrics, sql: Sql, now: () => Date): void {
  addGauge(
    metrics,
    {
      name: 'order_created_oldest_seconds',
      help: 'age of the oldest order without an answer: normally milliseconds',
    },
    async () => {
      // Within a status the index lists the newest first, so the oldest is the last.
      const [row] = await sql<{ createdAt: Date }[]>`
        select created_at from orders where status = 'created' order by status desc, id limit 1`
      return [{ value: row ? Math.max(0, (now().getTime() - row.createdAt.getTime()) / 1000) : 0 }]
    },
  )
  const findSoldTwice = createSearch(sql)
  let lookedAt = Number.NEGATIVE_INFINITY
  let soldTwice = 0
  addGauge(
    metrics,
    { name: 'tickets_sold_twice', help: 'tickets with more than one live order: must be 0' },
    async () => {
      const at = now().getTime()
      if (at - lookedAt >= everyMs) {
        soldTwice = await findSoldTwice()
        lookedAt = at
      }
      return [{ value: soldTwice }]
    },
  )
  addGauge(
    metrics,
    { name: 'tickets_index_valid', help: '1 while the index that prevents double sales exists and is valid' },
    async () => {
      const [row] = await sql<{ valid: boolean }[]>`
        select exists (
          select from pg_index i join pg_class c on c.oid = i.indexrelid
          where c.relname = 'orders_one_live_per_ticket' and i.indisunique and i.indisvalid and i.indisready) as valid`
      return [{ value: row?.valid ? 1 : 0 }]
    },
  )
}

/**
 * Finds tickets sold twice without reading every order each time. It checks what is new since the last pass,
 * the next part of all others, and what it found before.
 */
function createSearch(sql: Sql): () => Promise<number> {
  let found: string[] = []
  let newest: string | null = null
  let walked = first
  return async () => {
    const [last] = await sql<{ id: string }[]>`select id from orders order by id desc limit 1`
    if (!last) return 0
    const fresh = newest ?? last.id
    newest = last.id
    // Not `status <> 'cancelled'`: with that, PostgreSQL might look in orders_one_live_per_ticket, and whether this
    // index does its work is the question.
    const live = sql`status || '' <> 'cancelled'`
    // Other orders are looked up per ticket: `exists` would become a join with all orders.
    const [pass] = await sql<{ end: string | null; count: number; twice: string[] }[]>`
      with part as materialized (
          select id, ticket_id, status from orders where id > ${walked} order by id limit ${walkedAtOnce}),
        suspects as (
          select id, ticket_id from part where ${live}
          union select id, ticket_id from orders where id >= ${fresh} and ${live}
          union select id, ticket_id from orders where ticket_id = any(${found}::uuid[]) and ${live})
      select (select id from part order by id desc limit 1) as end, (select count(*)::int from part) as count,
        array(
          select distinct s.ticket_id from suspects s cross join lateral (
            select from orders o where o.ticket_id = s.ticket_id and o.id <> s.id and ${live} limit 1) other)::text[]
          as twice`
    walked = pass!.count < walkedAtOnce ? first : pass!.end!
    found = pass!.twice
    return found.length
  }
}
