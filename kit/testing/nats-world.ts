// A publisher and a listener on a broker: see bus-stage.ts.

import { inject } from 'vitest'
import { type NatsBusOptions, natsBus } from '../bus/nats-bus.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { newId } from '../ids.ts'
import { createLog } from '../log.ts'
import type { BusWorld } from './bus-stage.ts'
import { cloneDatabases } from './databases.ts'
import { removeStreams, type TestBroker } from './nats.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')
let worlds = 0

export type NatsWorld = BusWorld & { namespace: string; broker: TestBroker; publisherDb: Database }

/** Databases of their own and streams of their own on `broker`, which stays as it is. */
export async function openNatsWorld(
  broker: TestBroker,
  settings: { maxBytes?: number; ackWaitMs?: number } = {},
): Promise<NatsWorld> {
  const { maxBytes = 64 * 1024 ** 2, ackWaitMs } = settings
  const databases = await cloneDatabases(inject('postgres'), ['alpha', 'beta'])
  const namespace = `world${++worlds}`
  const open = (name: string, sql: NatsBusOptions['sql']) =>
    natsBus({
      busUrl: broker.url,
      stream: { namespace, replicas: 1, maxBytes },
      name,
      url: databases.url(name),
      sql,
      log,
      ...(ackWaitMs ? { ackWaitMs } : {}),
    })
  const publisherDb = openDatabase({
    url: databases.url('alpha'),
    max: 2,
    applicationName: 'relay',
    now: () => new Date(),
    newId,
    announce: () => {},
  })
  return {
    namespace,
    broker,
    publisherDb,
    publisherUrl: databases.url('alpha'),
    listenerUrl: databases.url('beta'),
    publishing: () => open('alpha', publisherDb.sql),
    listening: (db) => open('beta', db.sql),
    async [Symbol.asyncDispose]() {
      await publisherDb.close()
      await removeStreams(broker.url, namespace, ['alpha', 'beta'])
      await databases[Symbol.asyncDispose]()
    },
  }
}
