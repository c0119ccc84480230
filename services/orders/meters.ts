// What an operator watches of orders beside what the kit counts; docs/runbook.md says what to do. Registered with the service's metrics.

import type { Sql } from '@aisle/kit/db/database'
import { addGauge, type ServiceMetrics } from '@aisle/kit/metrics'

/** Every live order is read: a minute between two looks is soon enough for what the index forbids. */
const everyMs = 60_000

/** `sql` is read when the metrics are asked for. */
export function addMeters(metrics: ServiceMetrics, sql: Sql, now: () => Date): void {
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
