// (c) From the commit at the publisher to the commit at the consumer, at 200 and at 2,000 messages a second
// (200 transactions of ten). Publisher and consumer are the kit's own, in this process, on two databases of the
// stack, over either bus. Reference: the publisher's own transaction.

import { setTimeout as sleep } from 'node:timers/promises'
import { message } from '@aisle/contracts/message'
import { Type } from '@aisle/contracts/schema'
import { findNatsServer } from '@aisle/dev/nats'
import type { Bus } from '@aisle/kit/bus/bus'
import { createConsumer } from '@aisle/kit/bus/consumer'
import { natsBus } from '@aisle/kit/bus/nats-bus'
import { postgresBus } from '@aisle/kit/bus/postgres-bus'
import { on } from '@aisle/kit/bus/reaction'
import { openDatabase, type Sql } from '@aisle/kit/db/database'
import { createLog } from '@aisle/kit/log'
import { createMetrics } from '@aisle/kit/metrics'
import { startTestBroker } from '@aisle/kit/testing/nats'
import { newId } from '@aisle/kit/time/ids'
import { noTracer } from '@aisle/tracing/span'
import type { BenchStack } from './stack.ts'
import { median, ms, percentile, type Row } from './table.ts'

const seconds = 5
const log = createLog('bench', 'warn')
const Sent = message('expiration', 'bench:sent', 'A number.', Type.Object({ number: Type.Integer() }))

type Buses = AsyncDisposable & { name: string; publishing: Bus; listening(sql: Sql): Promise<Bus> }

/** Over both buses, if there is a broker on this machine. */
export async function messageLatency(stack: BenchStack): Promise<Row[]> {
  const rows: Row[] = []
  for (const open of [overPostgres, ...(findNatsServer() ? [overNats] : [])]) {
    await using buses = await open(stack)
    rows.push(...(await latencyOver(buses, stack)))
  }
  return rows
}

async function overPostgres(stack: BenchStack): Promise<Buses> {
  const url = stack.databases.expiration!
  const publishing = postgresBus({ url, outboxUrls: {}, sql: stack.sql('expiration'), applicationName: 'bench', log })
  return {
    name: 'postgres',
    publishing,
    listening: async (sql) =>
      postgresBus({
        url: stack.databases.auth!,
        outboxUrls: { expiration: url },
        sql,
        applicationName: 'bench consumer',
        log,
      }),
    [Symbol.asyncDispose]: () => publishing.close(),
  }
}

async function overNats(stack: BenchStack): Promise<Buses> {
  const broker = await startTestBroker()
  const stream = { namespace: 'bench', replicas: 1, maxBytes: 256 * 1024 ** 2, maxAgeHours: 1 }
  const open = (name: string, service: string, sql: Sql) =>
    natsBus({ busUrl: broker.url, stream, name, url: stack.databases[service]!, sql, log })
  const publishing = await open('expiration', 'expiration', stack.sql('expiration'))
  return {
    name: 'nats',
    publishing,
    listening: (sql) => open('bench', 'auth', sql),
    async [Symbol.asyncDispose]() {
      await publishing.close()
      await broker[Symbol.asyncDispose]()
    },
  }
}

async function latencyOver({ name, publishing, listening }: Buses, stack: BenchStack): Promise<Row[]> {
  const committed = new Map<number, number>()
  const latencies: number[] = []
  const now = () => new Date()
  const publisher = openDatabase({
    url: stack.databases.expiration!,
    max: 8,
    applicationName: 'bench publisher',
    now,
    newId,
    notify: (said) => publishing.notify(said.map(({ type }) => type)),
  })
  const consumerDb = openDatabase({
    url: stack.databases.auth!,
    max: 2,
    applicationName: 'bench consumer',
    now,
    newId,
    notify: () => {},
  })
  const bus = await listening(consumerDb.sql)
  const react = on(Sent, async (tx, { data: { number } }) => {
    tx.afterCommit(() => {
      const at = committed.get(number)
      if (at !== undefined) latencies.push(performance.now() - at)
    })
  })
  const consumer = createConsumer({
    db: consumerDb,
    reactions: [react],
    service: null,
    log,
    metrics: createMetrics('bench'),
    tracer: noTracer,
  })
  await bus.subscribe(consumer.wanted, consumer.deliver)

  const rows: Row[] = []
  const commits: number[] = []
  let number = 0
  /** Publishes this many messages in one transaction. */
  async function say(count: number): Promise<void> {
    const first = number
    number += count
    const before = performance.now()
    await publisher.tx(async (tx) => {
      for (let i = first; i < first + count; i++) tx.emit(Sent, newId(), { number: i })
    })
    const at = performance.now()
    commits.push(at - before)
    for (let i = first; i < first + count; i++) committed.set(i, at)
  }
  // A new listener creates a consumer first; only what follows is measured.
  while (latencies.length === 0) {
    await say(1)
    await sleep(50)
  }
  for (const [rate, perTransaction] of [
    [200, 1],
    [2_000, 10],
  ] as const) {
    latencies.length = 0
    commits.length = 0
    const everyMs = (1000 * perTransaction) / rate
    const begun = performance.now()
    const expected = rate * seconds
    const running: Promise<void>[] = []
    for (let sent = 0; sent < expected; sent += perTransaction) {
      running.push(say(perTransaction))
      await sleep(Math.max(0, begun + ((sent + perTransaction) / perTransaction) * everyMs - performance.now()))
    }
    await Promise.all(running)
    for (let waited = 0; latencies.length < expected && waited < 5_000; waited += 50) await sleep(50)
    // A message can be consumed before its publisher learns of its own commit; such messages are not measured.
    const share = latencies.length / expected
    rows.push({
      name: `(c) commit to commit at ${rate.toLocaleString('en')}/s, ${name} bus`,
      ours: `p50 ${ms(percentile(latencies, 0.5))}, p99 ${ms(percentile(latencies, 0.99))}`,
      reference: `the publisher's own transaction: p50 ${ms(median(commits))}`,
      ratio: `${(percentile(latencies, 0.5) / median(commits)).toFixed(1)} x (${Math.round(share * 100)} % measured)`,
      aim: 'p50 under 10 ms',
      figures: {
        p50Ms: percentile(latencies, 0.5),
        p99Ms: percentile(latencies, 0.99),
        publisherP50Ms: median(commits),
        measuredShare: share,
      },
    })
  }
  await bus.close()
  await publisher.close()
  await consumerDb.close()
  return rows
}
