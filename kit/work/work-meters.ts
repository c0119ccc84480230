// The metrics of durable work; docs/runbook.md explains each alert.

import { Counter, Gauge } from 'prom-client'
import type { Sql } from '../db/database.ts'
import { addGauge, type ServiceMetrics } from '../metrics.ts'
import type { AnyPerformer } from './work.ts'

export type WorkMeters = ReturnType<typeof createWorkMeters>

/** Registers the metrics of these kinds of work. `sql` is read when they are scraped. */
export function createWorkMeters(
  metrics: ServiceMetrics,
  performers: readonly AnyPerformer[],
  sql: Sql,
  now: () => Date,
) {
  const registers = [metrics.registry]
  const kinds = performers.map(({ work }) => ({ kind: work.kind, queue: work.queue.name }))
  const states = ['pending', 'retrying', 'dead'] as const
  addGauge(
    metrics,
    {
      name: 'work',
      help: 'unfinished work: not attempted yet (pending), waiting for a retry (retrying), or given up (dead)',
      labelNames: ['queue', 'kind', 'state'],
    },
    async () => {
      const rows = await sql<{ kind: string; state: string; count: number }[]>`
        select kind, case when tries = 0 then 'pending' else 'retrying' end as state, count(*)::int as count
        from work where status = 'pending' group by 1, 2
        union all select kind, 'dead', count(*)::int from work where status = 'dead' group by 1`
      return kinds.flatMap(({ kind, queue }) =>
        states.map((state) => ({
          labels: { queue, kind, state },
          value: rows.find((row) => row.kind === kind && row.state === state)?.count ?? 0,
        })),
      )
    },
  )
  addGauge(
    metrics,
    { name: 'work_oldest_seconds', help: 'age of the oldest unfinished work', labelNames: ['queue', 'kind'] },
    async () => {
      const rows = await sql<{ kind: string; since: Date }[]>`
        select kind, min(created_at) as since from work where status = 'pending' group by kind`
      return kinds.map(({ kind, queue }) => {
        const since = rows.find((row) => row.kind === kind)?.since
        return { labels: { queue, kind }, value: since ? Math.max(0, (now().getTime() - since.getTime()) / 1000) : 0 }
      })
    },
  )
  return {
    held: new Gauge({
      name: 'work_held',
      help: 'unfinished work that this process has claimed',
      labelNames: ['queue'],
      registers,
    }),
    outcomes: new Counter({
      name: 'work_total',
      help: 'attempts at work, by outcome: done, failed (refused for good), retried, dead (given up)',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
  }
}
