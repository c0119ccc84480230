// What every service needs first: its database, clock, sessions, audit log and bus. Each registers how it is
// closed.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { openTracer } from '@aisle/tracing/tracer'
import { createArrivals } from '../bus/arrivals.ts'
import type { Bus } from '../bus/bus.ts'
import { openBus } from '../bus/open-bus.ts'
import { renumberOutbox } from '../bus/outbox-log.ts'
import type { BaseConfig } from '../config.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { createAudit } from '../http/audit.ts'
import { createSessions } from '../http/session.ts'
import type { Log } from '../log.ts'
import {
  addBusGauges,
  addDatabaseGauges,
  addOutboxGauges,
  addPoolGauges,
  addProcessGauges,
  countEmitted,
  createMetrics,
} from '../metrics.ts'
import type { Clock } from '../time/clock.ts'
import { databaseClock } from '../time/database-clock.ts'
import { idsBy } from '../time/ids.ts'
import { announceLiveness } from '../work/liveness.ts'
import type { AnyPerformer, Queue } from '../work/work.ts'
import { createWorkMeters } from '../work/work-meters.ts'
import { createWorker, type Worker } from '../work/worker.ts'
import type { Closers } from './closers.ts'
import type { Service } from './service.ts'

/** The clock defaults to the database's; ids are made by that clock unless `newId` is given. */
export type StartOptions = { clock?: Clock; newId?: () => string; log?: Log }

export type Ground = {
  readonly base: Omit<Service, 'parts' | 'config'>
  /** Reactions have their own connections: a queue of requests must not block messages. */
  readonly reactionDb: Database
  readonly bus: Bus
  /** Null when the service does no durable work. */
  readonly worker: Worker | null
  /**
   * Reads the database's clock again; resolves to the milliseconds until the next time. Null when another clock is
   * used.
   */
  readonly readClock: (() => Promise<number>) | null
  /** Renumbers the rows of the outbox that came from another server. Runs at the start and periodically. */
  adoptOutbox(): Promise<void>
}

/** A batch of messages takes milliseconds. Over a silent link the next ones wait no longer than this. */
const reactWithinMs = 15_000

/**
 * Opens it all. `publishers` are the services whose messages it consumes, `performers` the durable work it does.
 * @throws when the database or the bus cannot be reached
 */
export async function openGround(
  name: ServiceName,
  { publishers, performers }: { publishers: readonly ServiceName[]; performers: readonly AnyPerformer[] },
  config: BaseConfig,
  { log, closers, ...options }: Omit<StartOptions, 'log'> & { log: Log; closers: Closers },
): Promise<Ground> {
  const metrics = createMetrics(name)
  const tracer = await openTracer({
    service: name,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    ratio: config.OTEL_TRACES_SAMPLER_ARG,
    lost: (error) => log.warn({ err: error }, 'could not send traces'),
  })
  closers.push(() => tracer.close())

  let notifying: Bus | null = null
  let worker: Worker | null = null
  const newId = options.newId ?? idsBy(() => clock.now().getTime())
  const arrivals = createArrivals(newId)
  const open = (max: number, applicationName: string, limit: { answerWithinMs?: number } = {}) => {
    const database = openDatabase({
      url: config.DATABASE_URL,
      max,
      applicationName,
      ...limit,
      now: () => clock.now(),
      newId,
      notify: (said) => {
        countEmitted(metrics, said)
        for (const { subject } of said) arrivals.notify(subject)
        notifying?.notify(said.map(({ type }) => type))
      },
      later: (...request) => {
        if (!worker) throw new Error(`${name} declares no durable work.`)
        return worker.later(...request)
      },
    })
    closers.push(() => database.close())
    return database
  }
  const db = open(config.DATABASE_POOL, name)
  const ownClock = options.clock ? null : databaseClock(db.sql)
  await ownClock?.read()
  const clock = options.clock ?? ownClock!
  const reactionDb = open(publishers.length + 1, `${name} reactions`, { answerWithinMs: reactWithinMs })
  addDatabaseGauges(metrics, db.sql)
  addOutboxGauges(metrics, db.sql)
  addProcessGauges(metrics)
  addPoolGauges(metrics, { requests: db.use, reactions: reactionDb.use })

  const now = () => clock.now()
  const sessions = createSessions({ publicKeys: config.SESSION_PUBLIC_KEYS, sql: db.sql, now })
  await sessions.refresh()
  const audit = createAudit({ sql: db.sql, now, log })
  closers.push(() => audit.flush())

  const historyChanged = (publisher: string) => metrics.historyChanges.inc({ publisher })
  const adoptOutbox = async () => {
    const count = await renumberOutbox(db.sql)
    if (count === 0) return
    log.error({ count }, 'the outbox came from another server; its messages were renumbered')
    historyChanged(name)
  }
  await adoptOutbox()

  // Opened before and closed after everything that emits, so that the last message is published as well.
  const bus = await openBus({ name, publishers, config, sql: reactionDb.sql, historyChanged, log })
  notifying = bus
  closers.push(() => bus.close())
  addBusGauges(metrics, bus)

  if (performers.length > 0) {
    const liveness = await announceLiveness(config.DATABASE_URL, name)
    closers.push(() => liveness.close())
    const meters = createWorkMeters(metrics, performers, db.sql, now)
    const placesOf = ({ places }: Queue) => (typeof places === 'number' ? places : places(config))
    worker = createWorker({ db, clock, log, tracer, meters, liveness, performers, placesOf })
  }

  const work: Service['work'] = {
    held: (queue) => worker?.held(queue) ?? [],
    isHeld: (...about) => worker?.isHeld(...about) ?? false,
    whileHeld: async (...about) => worker?.whileHeld(...about),
  }
  const base = { name, db, clock, newId, log, metrics, tracer, sessions, arrivals, audit, work }
  return { base, reactionDb, bus, worker, readClock: ownClock ? ownClock.read : null, adoptOutbox }
}
