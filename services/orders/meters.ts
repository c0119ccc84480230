// What an operator watches of orders beside what the kit counts; docs/runbook.md says what to do. Registered with the service's metrics.

import type { Sql } from '@aisle/kit/db/database'
import { addGauge, type ServiceMetrics } from '@aisle/kit/metrics'

/** Every live order is read: a minute between two looks is soon enough for what the index forbids. */
const everyMs = 60_000

/** `sql` is read when the metrics are asked for. */
export function addMeters(metrics: ServiceMetrics, sql: Sql, now: () => Date): void {
  addGauge(
    metrics,
    {
      name: 'order_created_oldest_seconds',
      help: 'age of the oldest order that nobody has answered: normally milliseconds, whatever else the gauges say',
    },
    async () => {
      // The newest of a status come first in the index, so the oldest is the last.
      const [row] = await sql<{ createdAt: Date }[]>`
        select created_at from orders where status = 'created' order by status desc, id limit 1`
      return [{ value: row ? Math.max(0, (now().getTime() - row.createdAt.getTime()) / 1000) : 0 }]
    },
  )
  let lookedAt = Number.NEGATIVE_INFINITY
  let soldTwice = 0
  addGauge(
    metrics,
    { name: 'tickets_sold_twice', help: 'tickets that more than one order has which is not cancelled: must be 0' },
    async () => {
      const at = now().getTime()
      if (at - lookedAt >= everyMs) {
        const [row] = await sql<{ count: number }[]>`
          select count(*)::int as count
          from (select from orders where status <> 'cancelled' group by ticket_id having count(*) > 1) twice`
        soldTwice = row?.count ?? 0
        lookedAt = at
      }
      return [{ value: soldTwice }]
    },
  )
}
