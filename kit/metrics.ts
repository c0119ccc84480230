// Prometheus metrics of one service, in a registry of its own so that several services can share a process.

import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Sql } from './db/database.ts'

export type ServiceMetrics = ReturnType<typeof createMetrics>

export function createMetrics(service: string) {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  const registers = [registry]
  return {
    registry,
    requests: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'time to answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.025, 0.1, 0.5, 2, 10],
      registers,
    }),
    refusals: new Counter({
      name: 'refusals_total',
      help: 'requests refused, by code',
      labelNames: ['route', 'code'],
      registers,
    }),
    consumed: new Counter({
      name: 'messages_consumed_total',
      help: 'messages whose effect is committed',
      labelNames: ['type'],
      registers,
    }),
    parked: new Counter({ name: 'messages_parked_total', help: 'messages given up after the last try', registers }),
  }
}

/** Gauges that are read from the database when the metrics are asked for. */
export function addDatabaseGauges(metrics: ServiceMetrics, sql: Sql): void {
  const registers = [metrics.registry]
  new Gauge({
    name: 'messages_set_aside',
    help: 'messages waiting for another try (retrying) or for a person (parked)',
    labelNames: ['state'],
    registers,
    async collect() {
      const rows = await sql<
        { state: string; count: number }[]
      >`select state, count(*)::int as count from parked_messages group by state`
      for (const state of ['retrying', 'parked'])
        this.set({ state }, rows.find((row) => row.state === state)?.count ?? 0)
    },
  })
  new Gauge({
    name: 'outbox_rows',
    help: 'messages kept in the outbox',
    registers,
    async collect() {
      const [row] = await sql<
        { rows: number }[]
      >`select reltuples::float8 as rows from pg_class where oid = 'outbox'::regclass`
      this.set(Math.max(0, row?.rows ?? 0))
    },
  })
}
