// The metrics of payments; docs/payments.md explains each alert. Registered with the service's metrics.

import type { Sql } from '@aisle/kit/db/database'
import { addGauge, type ServiceMetrics } from '@aisle/kit/metrics'
import { Counter } from 'prom-client'

export type Meters = ReturnType<typeof createMeters>

/** `sql` is read when the metrics are scraped. */
export function createMeters(metrics: ServiceMetrics, sql: Sql, now: () => Date) {
  const registers = [metrics.registry]
  addGauge(
    metrics,
    {
      name: 'authorization_oldest_seconds',
      help: 'age of the oldest authorisation that is neither captured nor voided',
    },
    async () => {
      const [row] = await sql<{ since: Date | null }[]>`
        select min(updated_at) as since from payments where status = 'authorized'`
      return [{ value: row?.since ? Math.max(0, (now().getTime() - row.since.getTime()) / 1000) : 0 }]
    },
  )
  addGauge(
    metrics,
    {
      name: 'books_differences',
      help: 'differences that the last nightly reconciliation with the provider left',
    },
    async () => {
      const [row] = await sql<{ count: number }[]>`
        select jsonb_array_length(differences) as count from book_comparisons where finished_at is not null
        order by night desc limit 1`
      return [{ value: row?.count ?? 0 }]
    },
  )
  addGauge(
    metrics,
    {
      name: 'books_compared_seconds',
      help: 'age of the last nightly reconciliation with the provider; 0 while there is nothing to compare',
    },
    async () => {
      const [row] = await sql<{ since: Date | null }[]>`
        select coalesce(
          (select finished_at from book_comparisons where finished_at is not null order by night desc limit 1),
          (select created_at from payments order by id limit 1)) as since`
      return [{ value: row?.since ? Math.max(0, (now().getTime() - row.since.getTime()) / 1000) : 0 }]
    },
  )
  return {
    disagreements: new Counter({
      name: 'provider_disagreements_total',
      help: 'times that the provider’s state of a payment was impossible',
      registers,
    }),
    events: new Counter({
      name: 'provider_events_total',
      help: 'webhooks received: new, repeated, or of a type without an effect (other)',
      labelNames: ['type', 'outcome'],
      registers,
    }),
    cards: new Counter({
      name: 'cards_total',
      help: 'cards authorized or declined, as a token or on the provider’s page',
      labelNames: ['method', 'outcome'],
      registers,
    }),
    badSignatures: new Counter({
      name: 'provider_bad_signatures_total',
      help: 'webhooks with an invalid signature',
      registers,
    }),
  }
}
