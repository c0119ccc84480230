// A fixture with a broker per test, which the test may kill, and two services on it.

import type { Bus } from '../bus/bus.ts'
import { readPublished, streamName } from '../bus/nats-stream.ts'
import { createLog } from '../log.ts'
import { busStage, range } from './bus-stage.ts'
import { operate, startTestBroker, type TestBroker } from './nats.ts'
import { type NatsWorld, openNatsWorld, worldRights } from './nats-world.ts'
import { until } from './settled.ts'

export const log = createLog('test', process.env.TEST_LOG ?? 'silent')
export const mebibyte = 1024 ** 2
export let broker: TestBroker
export let world: NatsWorld

export const {
  publisher,
  listener,
  announcer,
  closeLater,
  listen,
  write,
  say,
  raw,
  notes,
  heard,
  exactly,
  envelopeOf,
} = busStage(async () => {
  broker = await startTestBroker(worldRights)
  world = await openNatsWorld(broker, { maxBytes: 4 * mebibyte, ackWaitMs: 600 })
  return {
    ...world,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
    },
  }
})

/** The name of the stream of the publisher, alpha. */
export const streamOfAlpha = () => streamName(world.namespace, 'alpha')
/** A connection to the broker as its operator. */
export const operator = () => operate(broker.url)
/** The settings with which the listener, beta, opens its bus. */
export const settings = () => ({
  stream: { namespace: world.namespace, replicas: 1, maxBytes: 4 * mebibyte, maxAgeHours: 1 },
  name: 'beta',
  url: world.listenerUrl,
  sql: listener().sql,
  log,
})
/** Waits until the bus reports a trouble that matches `pattern`. */
export const troubleOf = (bus: Bus, pattern: RegExp) =>
  until(
    async () => bus.trouble(),
    (trouble) => pattern.test(trouble ?? ''),
    `trouble like ${pattern}`,
  )
/** Waits until the bus reports no trouble. */
export const noTrouble = (bus: Bus) =>
  until(
    async () => bus.trouble(),
    (trouble) => trouble === null,
    'no trouble',
  )
/** How many messages the stream of alpha holds now. */
export const storedCount = async () => {
  await using jetstream = await operator()
  return (await jetstream.jsm.streams.info(streamOfAlpha())).state.messages
}
/** The outbox positions of all messages on the stream, in stream order. */
export async function positions() {
  await using jetstream = await operator()
  const { state } = await jetstream.jsm.streams.info(streamOfAlpha())
  const stored = await Promise.all(
    range(state.last_seq - state.first_seq + 1, state.first_seq).map((seq) =>
      jetstream.jsm.streams.getMessage(streamOfAlpha(), { seq }),
    ),
  )
  return stored.map((message) => readPublished(message?.header)!)
}
/** Simulates a process that goes on without knowing that it has lost its connection, and so its lock. */
export const loseLeadership = (sql: ReturnType<typeof publisher>['sql']) =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name like '% leadership' and datname = current_database()`
