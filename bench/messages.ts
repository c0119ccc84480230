// (c) From the commit at the publisher to the commit at the consumer, at 200 and at 2,000 messages a second (200 transactions of ten).
// Publisher and consumer are the kit's own, in this process, on two databases of the stack. Reference: an empty transaction and a commit of one row on the same server.

import { setTimeout as sleep } from 'node:timers/promises'
import { message } from '@aisle/contracts/message'
import { Type } from '@aisle/contracts/schema'
import { createConsumer, on } from '@aisle/kit/bus/consumer'
import { postgresBus } from '@aisle/kit/bus/postgres-bus'
import { openDatabase } from '@aisle/kit/db/database'
import { newId } from '@aisle/kit/ids'
import { createLog } from '@aisle/kit/log'
import { createMetrics } from '@aisle/kit/metrics'
import type { BenchStack } from './stack.ts'
import { median, ms, percentile, type Row } from './table.ts'

const seconds = 5
const Sent = message('expiration', 'bench:sent', Type.Object({ number: Type.Integer() }))

export async function messageLatency(stack: BenchStack): Promise<Row[]> {
  const log = createLog('bench', 'warn')
  const committed = new Map<number, number>()
  const latencies: number[] = []
  const now = () => new Date()
  const expirationUrl = stack.databases.expiration!
  const publisherBus = postgresBus({
    url: expirationUrl,
    outboxUrls: {},
    sql: stack.sql('expiration'),
    applicationName: 'bench publisher',
    log,
  })
  const publisher = openDatabase({
    url: expirationUrl,
    max: 8,
    applicationName: 'bench publisher',
    now,
    newId,
    announce: publisherBus.announce,
  })
  const consumerDb = openDatabase({
    url: stack.databases.auth!,
    max: 2,
    applicationName: 'bench consumer',
    now,
    newId,
    announce: () => {},
  })
  const bus = postgresBus({
    url: stack.databases.auth!,
    outboxUrls: { expiration: expirationUrl },
    sql: consumerDb.sql,
    applicationName: 'bench consumer',
    log,
  })
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
  })
  await bus.subscribe(['expiration'], consumer.deliver)

  const rows: Row[] = []
  let number = 0
  for (const [rate, perTransaction] of [
    [200, 1],
    [2_000, 10],
  ] as const) {
    latencies.length = 0
    const commits: number[] = []
    const everyMs = (1000 * perTransaction) / rate
    const begun = performance.now()
    const expected = rate * seconds
    const running: Promise<void>[] = []
    for (let sent = 0; sent < expected; sent += perTransaction) {
      const first = number
      number += perTransaction
      running.push(
        (async () => {
          const before = performance.now()
          await publisher.tx(async (tx) => {
            for (let i = first; i < first + perTransaction; i++) tx.emit(Sent, newId(), { number: i })
          })
          const at = performance.now()
          commits.push(at - before)
          for (let i = first; i < first + perTransaction; i++) committed.set(i, at)
        })(),
      )
      await sleep(Math.max(0, begun + ((sent + perTransaction) / perTransaction) * everyMs - performance.now()))
    }
    await Promise.all(running)
    for (let waited = 0; latencies.length < expected && waited < 5_000; waited += 50) await sleep(50)
    // A message can be consumed before its publisher is told of its own commit; those count as none.
    const share = latencies.length / expected
    rows.push({
      name: `(c) commit to commit at ${rate.toLocaleString('en')}/s`,
      ours: `p50 ${ms(percentile(latencies, 0.5))}, p99 ${ms(percentile(latencies, 0.99))}`,
      reference: `the publisher's own transaction: p50 ${ms(median(commits))}`,
      ratio: `${(percentile(latencies, 0.5) / median(commits)).toFixed(1)} x (${Math.round(share * 100)} % measured)`,
      aim: 'p50 under 10 ms',
    })
  }
  await bus.close()
  await publisherBus.close()
  await publisher.close()
  await consumerDb.close()
  return rows
}
