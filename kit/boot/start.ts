// One boot path: development, tests and production all start a service here.
//
// The order: configuration, migrations, database, bus, the service's own parts, reactions and background jobs, and
// last it listens. Any failure aborts the start and closes what is open; a service that cannot reach its database or
// bus does not listen. Stopping runs the same list backwards.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { createConsumer } from '../bus/consumer.ts'
import {
  type BaseConfig,
  baseConfig,
  busConfig,
  type Config,
  type ConfigSchema,
  checkEnvironment,
  readConfig,
  usesBroker,
} from '../config.ts'
import { migrate } from '../db/migrate.ts'
import { refusePooler } from '../db/pooler.ts'
import { createRateCounts } from '../http/rate-counts.ts'
import { createLog, type Log } from '../log.ts'
import { systemClock } from '../time/clock.ts'
import { startLoop } from '../time/loop.ts'
import { forgetWork } from '../work/forget-work.ts'
import { createClosers } from './closers.ts'
import { openGround, type StartOptions } from './ground.ts'
import { heardBy, reactionsOf } from './hears.ts'
import { prune } from './prune.ts'
import { serve } from './serve.ts'
import type { AnyService, Job, Service, ServiceDefinition } from './service.ts'

export type Running = { readonly name: ServiceName; readonly url: string; stop(): Promise<void> }

const readRevocationsMs = 300
const lookAfterOutboxMs = 10_000

/** Brings the database of a service up to date. Part of every start; on its own it is the step before a roll-out. */
export const migrateService = (definition: AnyService, databaseUrl: string, log?: Log): Promise<void> =>
  migrate(
    databaseUrl,
    { kit: new URL('../migrations/', import.meta.url), [definition.name]: definition.migrations },
    log,
  )

/**
 * Starts a service from configuration values (strings, as in an environment, or already typed).
 * @throws {ConfigError | MigrationError | Error} when it cannot start; whatever was opened is closed again
 */
export async function start<C extends ConfigSchema, P>(
  definition: ServiceDefinition<C, P>,
  values: Record<string, unknown>,
  options: StartOptions = {},
): Promise<Running> {
  const { name } = definition
  const { publishers } = heardBy(definition)
  const config = configOf(definition, values, publishers)
  const log = options.log?.child({ service: name }) ?? createLog(name, config.LOG_LEVEL)
  const closers = createClosers(name)
  let stopping = false
  try {
    await refusePooler(config.DATABASE_URL)
    await migrateService(definition, config.DATABASE_URL, log)
    const performers = definition.work ?? []
    const ground = await openGround(name, { publishers, performers }, config, { ...options, log, closers })
    const { base, reactionDb, bus, worker, readClock, adoptOutbox } = ground
    const { db, clock, metrics, tracer, sessions, audit } = base
    const parts = (await definition.parts?.({ ...base, config }, closers)) as P
    const service: Service<C, P> = { ...base, config, parts }
    worker?.serve(service)
    closers.push(async () => worker?.drain())

    closers.push(() => bus.stop())
    const reactions = reactionsOf(definition)
    const consumer = createConsumer({ db: reactionDb, reactions, service, log, metrics, tracer })
    await bus.subscribe(consumer.wanted, consumer.deliver)

    const rateCounts = createRateCounts(db.sql)
    const jobs: Job<Service<C, P>>[] = [
      { name: 'retry messages', run: () => consumer.retryDue() },
      { name: 'read revocations', run: () => sessions.refresh().then(() => readRevocationsMs) },
      { name: 'share rate counts', run: rateCounts.share },
      { name: 'write refusals', run: audit.flush },
      { name: 'prune', run: () => prune(db) },
      { name: 'look after the outbox', run: () => adoptOutbox().then(() => lookAfterOutboxMs) },
      ...(readClock ? [{ name: 'read the clock', run: readClock }] : []),
    ]
    for (const job of jobs) {
      const loop = startLoop({ name: job.name, run: () => job.run(service), clock: systemClock, log })
      closers.push(() => loop.stop())
    }
    const ownJobs: Job<Service<C, P>>[] = [
      ...(worker ? [{ name: 'do work', run: worker.sweep }] : []),
      ...(worker ? [{ name: 'forget work', run: () => forgetWork(db.sql, clock, performers) }] : []),
      ...(definition.jobs ?? []),
    ]
    for (const job of ownJobs) {
      const loop = startLoop({ name: job.name, run: () => job.run(service), clock, log })
      job.wakeOn?.(service, loop.wake)
      closers.push(() => loop.stop())
    }

    const busTrouble = () => bus.trouble()
    const url = await serve({ definition, service, rateCounts, busTrouble, isStopping: () => stopping, closers })
    log.info({ url, trustedProxies: config.TRUSTED_PROXIES }, 'ready')

    let stopped: Promise<void> | null = null
    return {
      name,
      url,
      stop() {
        stopping = true
        stopped ??= closers.closeAll().then(() => log.info('stopped'))
        return stopped
      },
    }
  } catch (error) {
    await closers
      .closeAll()
      .catch((closing: unknown) => log.warn({ err: closing }, 'could not close everything after the failed start'))
    throw error
  }
}

function configOf<C extends ConfigSchema, P>(
  definition: ServiceDefinition<C, P>,
  values: Record<string, unknown>,
  publishers: readonly ServiceName[],
): Config<C> & BaseConfig {
  const { BUS_URL } = readConfig({ BUS_URL: busConfig.BUS_URL }, values)
  const outboxes = usesBroker(BUS_URL) ? [] : publishers
  const config = readConfig({ ...baseConfig(outboxes), ...definition.config }, values) as Config<C> & BaseConfig
  checkEnvironment(config)
  return config
}
