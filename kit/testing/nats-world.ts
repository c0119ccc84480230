// A publisher and a listener on a broker: see bus-stage.ts.

import { inject } from 'vitest'
import { type NatsBusOptions, natsBus } from '../bus/nats-bus.ts'
import { rightsOf } from '../bus/nats-rights.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { createLog } from '../log.ts'
import { newId } from '../time/ids.ts'
import type { BusWorld } from './bus-stage.ts'
import { cloneDatabases } from './databases.ts'
import { removeStreams, type TestBroker } from './nats.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')
/** Shared by the tests one after the other: each removes its streams at its end. */
const namespace = 'world'

/** For `startTestBroker`: each of the two users with exactly its rights. */
export const worldRights = { alpha: rightsOf(namespace, 'alpha', []), beta: rightsOf(namespace, 'beta', ['alpha']) }

export type NatsWorld = BusWorld & { namespace: string; broker: TestBroker; publisherDb: Database }

/**
 * Creates databases and streams on `broker`, which must have `worldRights`. Disposing removes them and leaves the
 * broker running.
 */
export async function openNatsWorld(
  broker: TestBroker,
  settings: { maxBytes?: number; ackWaitMs?: number; publisherUrl?: string } = {},
): Promise<NatsWorld> {
  const { maxBytes = 64 * 1024 ** 2, ackWaitMs } = settings
  const databases = await cloneDatabases(inject('postgres'), ['alpha', 'beta'])
  const urls = { alpha: settings.publisherUrl ?? databases.url('alpha'), beta: databases.url('beta') }
  const open = (name: 'alpha' | 'beta', sql: NatsBusOptions['sql'], historyChanged?: (publisher: string) => void) =>
    natsBus({
      busUrl: broker.urlOf(name),
      stream: { namespace, replicas: 1, maxBytes, maxAgeHours: 1 },
      name,
      url: urls[name],
      sql,
      log,
      ...(ackWaitMs ? { ackWaitMs } : {}),
      ...(historyChanged ? { historyChanged } : {}),
    })
  const publisherDb = openDatabase({
    url: urls.alpha,
    max: 2,
    applicationName: 'relay',
    now: () => new Date(),
    newId,
    notify: () => {},
  })
  return {
    namespace,
    broker,
    publisherDb,
    publisherUrl: urls.alpha,
    listenerUrl: urls.beta,
    publishing: () => open('alpha', publisherDb.sql),
    listening: (db, historyChanged) => open('beta', db.sql, historyChanged),
    async [Symbol.asyncDispose]() {
      await publisherDb.close()
      await removeStreams(broker.url, namespace, ['alpha', 'beta'])
      await databases[Symbol.asyncDispose]()
    },
  }
}
