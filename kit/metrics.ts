// Prometheus metrics of one service, in a registry of its own so that several services can share a process.
// docs/runbook.md explains them.

import { readdir } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Envelope } from '@aisle/contracts/message'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Bus } from './bus/bus.ts'
import type { PoolUse } from './db/connections.ts'
import type { Sql } from './db/database.ts'

export type ServiceMetrics = ReturnType<typeof createMetrics>

/** The metrics of `service`, all at zero. */
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
    emitted: new Counter({
      name: 'messages_emitted_total',
      help: 'messages emitted, by type: reservations are order:created, sales order:completed',
      labelNames: ['type', 'reason'],
      registers,
    }),
    consumed: new Counter({
      name: 'messages_consumed_total',
      help: 'messages handled and committed',
      labelNames: ['type'],
      registers,
    }),
    historyChanges: new Counter({
      name: 'outbox_history_changes_total',
      help: 'times that a publisher’s outbox had another history: its database was restored, or lost something',
      labelNames: ['publisher'],
      registers,
    }),
    parked: new Counter({ name: 'messages_parked_total', help: 'messages given up after the last attempt', registers }),
  }
}

/**
 * Counts the messages of a transaction once it is committed. Every business action emits a message, so none is
 * missed.
 */
export function countEmitted({ emitted }: ServiceMetrics, said: readonly Envelope[]): void {
  for (const { type, data } of said) {
    const { reason } = data as { reason?: unknown }
    // The reasons of a message are an enumeration in its contract.
    emitted.inc({ type, reason: typeof reason === 'string' ? reason : '' })
  }
}

/** Prometheus waits for ten seconds by default, and for all metrics together. */
const patienceMs = 2_000

type Sample = { labels?: Record<string, string>; value: number }

/**
 * A gauge that is read on each scrape. A value that cannot be read in time is left out: when the database or the
 * broker is away, the other metrics are needed most.
 */
export function addGauge(
  { registry }: ServiceMetrics,
  { name, help, labelNames = [] }: { name: string; help: string; labelNames?: string[] },
  read: () => Promise<readonly Sample[]>,
): void {
  // A read that hangs keeps its connection: there is only one at a time, however many scrapes there are.
  let reading: Promise<readonly Sample[]> | null = null
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      reading ??= read()
        .catch(() => [])
        .finally(() => {
          reading = null
        })
      const patience = new AbortController()
      const late = sleep(patienceMs, [], { signal: patience.signal }).catch(() => [])
      const samples = await Promise.race([reading, late])
      patience.abort()
      this.reset()
      // `reset` leaves a gauge without labels at 0, which would be a statement.
      if (samples.length === 0 && labelNames.length === 0) this.remove()
      for (const { labels = {}, value } of samples) this.set(labels, value)
    },
  })
}

/** Gauges that are read from the database. */
export function addDatabaseGauges(metrics: ServiceMetrics, sql: Sql): void {
  addGauge(
    metrics,
    {
      name: 'messages_set_aside',
      help: 'messages waiting for a retry (retrying) or for a person (parked)',
      labelNames: ['state'],
    },
    async () => {
      const rows = await sql<
        { state: string; count: number }[]
      >`select state, count(*)::int as count from parked_messages group by state`
      return ['retrying', 'parked'].map((state) => ({
        labels: { state },
        value: rows.find((row) => row.state === state)?.count ?? 0,
      }))
    },
  )
  addGauge(metrics, { name: 'outbox_rows', help: 'messages kept in the outbox' }, async () => {
    const [row] = await sql<
      { rows: number }[]
    >`select reltuples::float8 as rows from pg_class where oid = 'outbox'::regclass`
    return [{ value: Math.max(0, row?.rows ?? 0) }]
  })
}

/**
 * Gauges that show whether this service's outbox is read: its age, and which transaction keeps the newest messages
 * unreadable.
 */
export function addOutboxGauges(metrics: ServiceMetrics, sql: Sql): void {
  addGauge(
    metrics,
    {
      name: 'outbox_oldest_seconds',
      help: 'age of the oldest message in the outbox; above the retention when a listener does not read',
    },
    async () => {
      const [row] = await sql<{ seconds: number }[]>`
        select extract(epoch from clock_timestamp() - written_at)::float8 as seconds from outbox
        order by outbox.xid, outbox.seq limit 1`
      return [{ value: row?.seconds ?? 0 }]
    },
  )
  addGauge(
    metrics,
    {
      name: 'outbox_held_back_seconds',
      help: 'age of the oldest message that is not readable yet, and the transaction that holds it back',
      labelNames: ['pid', 'database', 'role', 'application'],
    },
    async () => {
      const [row] = await sql<{ seconds: number; pid: string; database: string; role: string; application: string }[]>`
        select extract(epoch from clock_timestamp() - held.since)::float8 as seconds,
          coalesce(l.pid::text, 'prepared') as pid, coalesce(a.datname, '') as database,
          coalesce(a.usename, '') as role, coalesce(a.application_name, '') as application
        from (
          select min(written_at) as since, pg_snapshot_xmin(pg_current_snapshot())::text::bigint & 4294967295 as holder
          from outbox where xid >= pg_snapshot_xmin(pg_current_snapshot())) held
        left join pg_locks l on l.locktype = 'transactionid' and l.granted
          and l.transactionid::text::bigint = held.holder
        left join pg_stat_activity a using (pid)
        where held.since is not null limit 1`
      if (!row) return [{ labels: { pid: '', database: '', role: '', application: '' }, value: 0 }]
      const { seconds, ...labels } = row
      return [{ labels, value: Math.max(0, seconds) }]
    },
  )
}

/**
 * How far messages are behind: this service's on their way to a broker, and those of other services on their way
 * here.
 */
export function addBusGauges(
  metrics: ServiceMetrics,
  bus: Pick<Bus, 'unpublished' | 'behind' | 'trouble' | 'streamFill'>,
): void {
  addGauge(
    metrics,
    {
      name: 'bus_trouble',
      help: '1 while messages cannot be sent or received; /readyz gives the reason and stays ready',
    },
    async () => [{ value: bus.trouble() === null ? 0 : 1 }],
  )
  addGauge(
    metrics,
    {
      name: 'bus_stream_fill_ratio',
      help: 'how full this service’s stream is, from 0 to 1; absent without a broker',
    },
    async () => {
      const fill = await bus.streamFill()
      return fill === null ? [] : [{ value: fill }]
    },
  )
  addGauge(
    metrics,
    {
      name: 'outbox_unpublished_oldest_seconds',
      help: 'age of the oldest message not yet on the broker; absent without a broker',
    },
    async () => {
      const unpublished = await bus.unpublished()
      return unpublished ? [{ value: unpublished.oldestSeconds }] : []
    },
  )
  const behind = (name: string, help: string, of: 'messages' | 'oldestSeconds') =>
    addGauge(metrics, { name, help, labelNames: ['publisher'] }, async () =>
      (await bus.behind()).map((backlog) => ({ labels: { publisher: backlog.publisher }, value: backlog[of] })),
    )
  behind(
    'consumer_lag_messages',
    'messages of a publisher that this service has not taken, at most 10000 without a broker',
    'messages',
  )
  behind('consumer_lag_oldest_seconds', 'age of the oldest of them', 'oldestSeconds')
}

/**
 * The process itself: its resources, and whether it keeps up. Where several services share a process, each reports
 * the same.
 */
export function addProcessGauges(metrics: ServiceMetrics): void {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  const gauge = (name: string, help: string, read: () => number) =>
    addGauge(metrics, { name, help }, async () => [{ value: read() }])
  gauge('process_resident_memory_bytes', 'memory of the process', () => process.memoryUsage.rss())
  gauge('nodejs_heap_used_bytes', 'memory that JavaScript uses', () => process.memoryUsage().heapUsed)
  gauge('process_cpu_seconds', 'processor time that the process has used', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  gauge('nodejs_eventloop_delay_p99_seconds', 'how late timers were, one in a hundred, since the last look', () => {
    const seconds = delay.percentile(99) / 1e9
    delay.reset()
    return Number.isFinite(seconds) ? seconds : 0
  })
  addGauge(
    metrics,
    { name: 'process_open_fds', help: 'open file descriptors; absent where there is no /proc' },
    async () => [{ value: (await readdir('/proc/self/fd')).length }],
  )
}

/** The database connections of each pool. */
export function addPoolGauges(
  metrics: ServiceMetrics,
  pools: Readonly<Record<string, () => readonly PoolUse[]>>,
): void {
  const gauge = (name: string, help: string, of: keyof PoolUse) =>
    addGauge(metrics, { name, help, labelNames: ['pool'] }, async () =>
      Object.entries(pools).map(([pool, read]) => ({
        labels: { pool },
        value: read().reduce((sum, use) => sum + use[of], 0),
      })),
    )
  gauge('db_connections_in_use', 'connections that carry a statement or a transaction', 'inUse')
  gauge('db_connections_max', 'connections that there may be', 'max')
  gauge('db_connections_waited_for', 'statements and transactions that wait for a connection', 'waiting')
}

/** `size` is the number of open streams. */
export function addStreamGauge(metrics: ServiceMetrics, size: () => number): void {
  addGauge(metrics, { name: 'streams_open', help: 'open streams of this process' }, async () => [{ value: size() }])
}

/** `trouble` is what /readyz reports. */
export function addReadiness(metrics: ServiceMetrics, trouble: () => Promise<string | null>): void {
  addGauge(metrics, { name: 'service_ready', help: '1 while /readyz is ready, else 0' }, async () => [
    { value: (await trouble()) === null ? 1 : 0 },
  ])
}
