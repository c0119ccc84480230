// One boot path: development, tests and production all start a service here.
//
// 1. configuration, 2. migrations, 3. database, 4. the service's own parts, 5. bus and background jobs, 6. listen. Whatever fails stops the start
// and closes what is open; a service that cannot reach its database or bus does not listen. Stopping runs the same list backwards.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Envelope } from '@aisle/contracts/message'
import { SessionRevoked } from '@aisle/contracts/messages/auth'
import { openapi } from '@aisle/contracts/openapi'
import { connectionBacklog } from '@aisle/http/server-options'
import type { Tracer } from '@aisle/tracing/span'
import { openTracer } from '@aisle/tracing/tracer'
import { type Arrivals, createArrivals } from '../bus/arrivals.ts'
import type { Bus } from '../bus/bus.ts'
import { type AnyReaction, createConsumer, on } from '../bus/consumer.ts'
import { startLive } from '../bus/live.ts'
import { openBus } from '../bus/open-bus.ts'
import { renumberOutbox } from '../bus/outbox-log.ts'
import type { SnapshotPart } from '../bus/snapshot.ts'
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
import { type Database, openDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { refusePooler } from '../db/pooler.ts'
import { type Audit, createAudit } from '../http/audit.ts'
import { auditRoute } from '../http/audit-route.ts'
import { createRateCounts } from '../http/rate-counts.ts'
import { recordEnd, recordRevocation } from '../http/revocations.ts'
import type { Route, SignIn } from '../http/route.ts'
import { buildServer } from '../http/server.ts'
import { createSessions, type Sessions } from '../http/session.ts'
import { setAsideRoutes } from '../http/set-aside-routes.ts'
import { createStreams, type Streams } from '../http/stream.ts'
import { createLog, type Log } from '../log.ts'
import {
  addBusGauges,
  addDatabaseGauges,
  addOutboxGauges,
  addPoolGauges,
  addProcessGauges,
  addReadiness,
  addStreamGauge,
  countEmitted,
  createMetrics,
  type ServiceMetrics,
} from '../metrics.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { databaseClock } from '../time/database-clock.ts'
import { idsBy } from '../time/ids.ts'
import { startLoop } from '../time/loop.ts'
import { prune } from './prune.ts'

/** What a handler is given beside its input. `parts` is what the service has made for itself at its start. */
export type Service<C extends ConfigSchema = ConfigSchema, P = unknown> = {
  readonly name: ServiceName
  readonly config: Config<C> & BaseConfig
  readonly db: Database
  readonly clock: Clock
  readonly newId: () => string
  readonly log: Log
  readonly metrics: ServiceMetrics
  readonly tracer: Tracer
  readonly sessions: Sessions
  readonly arrivals: Arrivals
  readonly audit: Audit
  readonly parts: P
}

/** A background job: see `startLoop` for `run`. It is started after the database and stopped before it. */
export type Job<S> = {
  readonly name: string
  readonly run: (service: S) => Promise<number>
  readonly wakeOn?: (service: S, wake: () => void) => void
}

export type ServiceDefinition<C extends ConfigSchema, P> = {
  readonly name: ServiceName
  readonly description: string
  readonly config: C
  readonly migrations: URL
  /** Makes what the service needs beside the kit (a payment client, a signing key). */
  readonly parts?: (service: Omit<Service<C, never>, 'parts'>) => Promise<P>
  /** Waits for what its parts have under way, after the last request and message and before the database is closed. */
  readonly drain?: (service: Service<C, P>) => Promise<void>
  /** Signs a token of a session, or null when the session has ended; only auth has it. */
  readonly issue?: (service: Service<C, P>, signIn: SignIn) => Promise<string | null>
  readonly routes: readonly Route<Service<C, P>>[]
  /** What a message of this service is about, for pages that listen; without it there are no streams. */
  readonly topicsOf?: (message: Envelope) => readonly string[]
  readonly reactions: readonly AnyReaction[]
  /** Its things, for a listener that must know all of them: see bus/snapshot.ts. */
  readonly snapshot?: readonly SnapshotPart[]
  readonly jobs?: readonly Job<Service<C, P>>[]
}

// biome-ignore lint/suspicious/noExplicitAny: the stack holds definitions of every service in one list
export type AnyService = ServiceDefinition<any, any>

/** Declares a service: its table of contents. Nothing runs yet. */
export const defineService = <C extends ConfigSchema, P = undefined>(
  definition: ServiceDefinition<C, P>,
): ServiceDefinition<C, P> => definition

export type Running = { readonly name: ServiceName; readonly url: string; stop(): Promise<void> }

/** An orchestrator asks more often than once in ten seconds, and has less patience than a statement. */
const readyWithinMs = 2_000
const lookAfterOutboxMs = 10_000
/** A batch of messages takes milliseconds. Over a link that has fallen silent the next ones do not wait longer than this. */
const reactWithinMs = 15_000

async function answers(sql: Database['sql']): Promise<boolean> {
  const patience = new AbortController()
  const late = sleep(readyWithinMs, false, { signal: patience.signal }).catch(() => false)
  const isThere = sql`select 1`.then(
    () => true,
    () => false,
  )
  const answered = await Promise.race([isThere, late])
  patience.abort()
  return answered
}

/** An address may be a whole office's; a session is one person's, with some tabs. */
const streamsPerAddress = 50
const streamsPerSession = 10

/** What people outside need not know of is told on one machine alone. */
const documented = (routes: readonly Pick<Route<never>, 'endpoint'>[], environment: BaseConfig['ENVIRONMENT']) =>
  routes
    .map(({ endpoint }) => endpoint)
    .filter(({ who, signed }) => environment === 'development' || (who !== 'admin' && !signed))

/** Without a clock it goes by the database's; ids are made by the clock unless told otherwise. */
export type StartOptions = { clock?: Clock; newId?: () => string; log?: Log }

const obeyRevocation = on(SessionRevoked, async (tx, { data }, { sessions }: Service) => {
  if (data.session) {
    const { id, until } = data.session
    await recordEnd(tx.sql, id, new Date(until))
    tx.afterCommit(() => sessions.end(id, new Date(until)))
    return
  }
  await recordRevocation(tx.sql, data.userId, new Date(data.revokedBefore))
  tx.afterCommit(() => sessions.revoke(data.userId, new Date(data.revokedBefore)))
})

// Every service obeys revocations but the one that makes them: it records them where it makes them.
const reactionsOf = (definition: AnyService): readonly AnyReaction[] =>
  definition.name === SessionRevoked.source ? definition.reactions : [obeyRevocation, ...definition.reactions]

/** What a service hears: the types of messages, and who publishes them. */
export function heardBy(definition: AnyService): { types: string[]; publishers: ServiceName[] } {
  const heard = reactionsOf(definition).map(({ message }) => message)
  return {
    types: [...new Set(heard.map(({ type }) => type))],
    publishers: [...new Set(heard.map(({ source }) => source))],
  }
}

/** Brings the database of a service up to date. Part of every start; by itself it is the step before a roll-out. */
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
  const { BUS_URL } = readConfig({ BUS_URL: busConfig.BUS_URL }, values)
  const outboxes = usesBroker(BUS_URL) ? [] : publishers
  const config = readConfig({ ...baseConfig(outboxes), ...definition.config }, values) as Config<C> & BaseConfig
  checkEnvironment(config)
  const log = options.log?.child({ service: name }) ?? createLog(name, config.LOG_LEVEL)

  const closers: (() => Promise<unknown>)[] = []
  const closeAll = async () => {
    const failures: unknown[] = []
    for (let close = closers.pop(); close; close = closers.pop())
      await close().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, `${name} did not stop cleanly`)
  }

  try {
    await refusePooler(config.DATABASE_URL)
    await migrateService(definition, config.DATABASE_URL, log)

    const metrics = createMetrics(name)
    const tracer = await openTracer({
      service: name,
      endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
      ratio: config.OTEL_TRACES_SAMPLER_ARG,
      lost: (error) => log.warn({ err: error }, 'traces could not be sent'),
    })
    closers.push(() => tracer.close())
    let bus: Bus | null = null
    const newId = options.newId ?? idsBy(() => clock.now().getTime())
    const open = (max: number, applicationName: string, limit: { answerWithinMs?: number } = {}) => {
      const database = openDatabase({
        url: config.DATABASE_URL,
        max,
        applicationName,
        ...limit,
        now: () => clock.now(),
        newId,
        announce: (said) => {
          countEmitted(metrics, said)
          bus?.announce()
        },
      })
      closers.push(() => database.close())
      return database
    }
    const db = open(config.DATABASE_POOL, name)
    const ownClock = options.clock ? null : databaseClock(db.sql)
    await ownClock?.read()
    const clock = options.clock ?? ownClock!
    // Reactions have connections of their own: a queue of requests must not keep the messages waiting.
    const reactionDb = open(publishers.length + 1, `${name} reactions`, { answerWithinMs: reactWithinMs })
    addDatabaseGauges(metrics, db.sql)
    addOutboxGauges(metrics, db.sql)
    addProcessGauges(metrics)
    addPoolGauges(metrics, { requests: db.use, reactions: reactionDb.use })
    const sessions = createSessions({ publicKeys: config.SESSION_PUBLIC_KEYS, sql: db.sql, now: () => clock.now() })
    await sessions.refresh()
    const audit = createAudit({ sql: db.sql, now: () => clock.now(), log })
    closers.push(() => audit.flush())

    const historyChanged = (publisher: string) => metrics.historyChanges.inc({ publisher })
    const adoptOutbox = async () => {
      const count = await renumberOutbox(db.sql)
      if (count === 0) return
      log.error({ count }, 'the outbox came from another server; its messages have numbers of this one now')
      historyChanged(name)
    }
    await adoptOutbox()

    // Opened before and closed after whatever says something, so that the last word is published, too.
    const startedBus = await openBus({ name, publishers, config, sql: reactionDb.sql, historyChanged, log })
    bus = startedBus
    closers.push(() => startedBus.close())
    addBusGauges(metrics, startedBus)

    const arrivals = createArrivals(newId)
    const base = { name, config, db, clock, newId, log, metrics, tracer, sessions, arrivals, audit }
    const service: Service<C, P> = { ...base, parts: (await definition.parts?.(base)) as P }
    closers.push(async () => definition.drain?.(service))

    closers.push(() => startedBus.stop())
    const consumer = createConsumer({
      db: reactionDb,
      reactions: reactionsOf(definition),
      service,
      log,
      metrics,
      tracer,
    })
    await bus.subscribe(publishers, consumer.deliver)

    const rateCounts = createRateCounts(db.sql)
    const jobs: Job<Service<C, P>>[] = [
      { name: 'retry messages', run: () => consumer.retryDue() },
      { name: 'read revocations', run: () => sessions.refresh().then(() => 300) },
      { name: 'share rate counts', run: rateCounts.share },
      { name: 'write refusals', run: audit.flush },
      { name: 'prune', run: () => prune(db.sql) },
      { name: 'look after the outbox', run: () => adoptOutbox().then(() => lookAfterOutboxMs) },
      ...(ownClock ? [{ name: 'read the clock', run: ownClock.read }] : []),
    ]
    for (const job of jobs) {
      const loop = startLoop({ name: job.name, run: () => job.run(service), clock: systemClock, log })
      closers.push(() => loop.stop())
    }
    for (const job of definition.jobs ?? []) {
      const loop = startLoop({ name: job.name, run: () => job.run(service), clock, log })
      job.wakeOn?.(service, loop.wake)
      closers.push(() => loop.stop())
    }

    let streams: Streams | null = null
    if (definition.topicsOf) {
      const live = await startLive({
        url: config.DATABASE_URL,
        applicationName: name,
        topicsOf: definition.topicsOf,
        log,
      })
      closers.push(() => live.stop())
      const isLimited = config.RATE_LIMIT !== 'off'
      const opened = createStreams(live, {
        all: config.STREAMS_MAX,
        perAddress: isLimited ? streamsPerAddress : null,
        perSession: isLimited ? streamsPerSession : null,
      })
      sessions.onRevoked(opened.recheck)
      streams = opened
      addStreamGauge(metrics, opened.size)
    }

    let stopping = false
    const trouble = async () => {
      if (stopping) return 'the service is stopping'
      // Nothing else: what is said while the broker, or another service's database, is away waits in the outbox. A service that left the load
      // balancer for that would make a small outage a whole one.
      return (await answers(db.sql)) ? null : 'the database cannot be reached'
    }
    addReadiness(metrics, trouble)
    const routes = [...definition.routes, ...setAsideRoutes<Service<C, P>>(name), auditRoute<Service<C, P>>(name)]
    const app = await buildServer({
      routes,
      service,
      db,
      sessions,
      log,
      metrics,
      tracer,
      now: () => clock.now(),
      newId,
      publicUrl: config.PUBLIC_URL,
      trustedProxies: config.TRUSTED_PROXIES,
      fingerprintSecret: config.FINGERPRINT_SECRET,
      audit,
      rateCounts,
      // Three clients that ask for all that they may leave connections for the others.
      callsAtOnce: Math.max(2, Math.floor(config.DATABASE_POOL / 4)),
      callsPerMinute: config.RATE_LIMIT === 'off' ? null : Number(config.RATE_LIMIT),
      issue: definition.issue && ((signIn) => definition.issue!(service, signIn)),
      trouble,
      busTrouble: () => startedBus.trouble(),
      openapi: () =>
        openapi({ title: name, description: definition.description }, documented(routes, config.ENVIRONMENT)),
      openapiPath: `/api/${name}/openapi.json`,
      streams,
    })
    closers.push(() => app.close())
    const url = await app.listen({ host: config.HOST, port: config.PORT, backlog: connectionBacklog })
    log.info({ url, trustedProxies: config.TRUSTED_PROXIES }, 'ready')

    let stopped: Promise<void> | null = null
    return {
      name,
      url,
      stop() {
        stopping = true
        stopped ??= closeAll().then(() => log.info('stopped'))
        return stopped
      },
    }
  } catch (error) {
    await closeAll().catch((closing: unknown) =>
      log.warn({ err: closing }, 'could not close everything after a failed start'),
    )
    throw error
  }
}
