// The configuration decides which bus a service uses.

import { type BaseConfig, usesBroker } from '../config.ts'
import type { Sql } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Bus } from './bus.ts'
import { natsBus } from './nats-bus.ts'
import { postgresBus } from './postgres-bus.ts'

/**
 * Opens the bus of BUS_URL for the service `name`, which consumes the messages of `publishers`.
 * @throws {Error} one sentence, when there is a broker and it cannot be used
 */
export async function openBus(options: {
  name: string
  publishers: readonly string[]
  config: BaseConfig
  sql: Sql
  historyChanged: (publisher: string) => void
  log: Log
}): Promise<Bus> {
  const { name, publishers, config, sql, historyChanged, log } = options
  const url = config.DATABASE_URL
  if (!usesBroker(config.BUS_URL)) {
    const outboxUrls = publishers.map((publisher) => [publisher, config[`OUTBOX_URL_${publisher.toUpperCase()}`] ?? ''])
    const around = { sql, applicationName: name, historyChanged, log }
    return postgresBus({ url, outboxUrls: Object.fromEntries(outboxUrls), ...around })
  }
  const stream = {
    namespace: config.BUS_NAMESPACE,
    replicas: config.BUS_REPLICAS,
    maxBytes: config.BUS_STREAM_MAX_BYTES,
    maxAgeHours: config.BUS_STREAM_MAX_AGE_HOURS,
  }
  return natsBus({
    busUrl: config.BUS_URL,
    caFile: config.BUS_CA_FILE || undefined,
    stream,
    name,
    url,
    sql,
    historyChanged,
    log,
  })
}
