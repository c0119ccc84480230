// The part of a service that answers requests: routes, streams and readiness.

import { setTimeout as sleep } from 'node:timers/promises'
import { openapi } from '@aisle/contracts/openapi'
import { connectionBacklog } from '@aisle/http/server-options'
import { startLive } from '../bus/live.ts'
import type { BaseConfig, ConfigSchema } from '../config.ts'
import type { Database } from '../db/database.ts'
import { auditRoute } from '../http/audit-route.ts'
import { failedRoutes } from '../http/failed-routes.ts'
import { personalDataRoute } from '../http/personal-data-route.ts'
import type { RateCounts } from '../http/rate-counts.ts'
import type { Route } from '../http/route.ts'
import { buildServer } from '../http/server.ts'
import { createStreams, type Streams } from '../http/stream.ts'
import { addReadiness, addStreamGauge } from '../metrics.ts'
import type { Closers } from './closers.ts'
import { heldByKit } from './held.ts'
import type { Service, ServiceDefinition } from './service.ts'

/** An orchestrator checks more often than every ten seconds, and has less patience than a statement. */
const readyWithinMs = 2_000
/** An address may be that of a whole office; a session is one person's, with some tabs. */
const streamsPerAddress = 50
const streamsPerSession = 10

type Serving<C extends ConfigSchema, P> = {
  definition: ServiceDefinition<C, P>
  service: Service<C, P>
  rateCounts: RateCounts
  /** What is wrong with the bus, reported with the readiness. */
  busTrouble: () => string | null
  isStopping: () => boolean
  closers: Closers
}

/** Builds the server and listens; resolves to its URL. */
export async function serve<C extends ConfigSchema, P>(serving: Serving<C, P>): Promise<string> {
  const { definition, service, rateCounts, busTrouble, isStopping, closers } = serving
  const { name, db, sessions, metrics } = service
  // Here the compiler knows only the part of `config` that every service has.
  const config: BaseConfig = service.config
  const trouble = async () => {
    if (isStopping()) return 'the service is stopping'
    // The database alone decides: while the broker, or another service's database, is away, messages wait in the
    // outbox. A service that left the load balancer for that would turn a small outage into a complete one.
    return (await answers(db.sql)) ? null : 'the database cannot be reached'
  }
  addReadiness(metrics, trouble)
  const streams = await openStreams(definition, service, closers)
  const routes = [
    ...definition.routes,
    ...failedRoutes<Service<C, P>>(name),
    auditRoute<Service<C, P>>(name),
    personalDataRoute<Service<C, P>>(name, [...definition.holds, ...heldByKit]),
  ]
  const app = await buildServer({
    routes,
    service,
    db,
    sessions,
    log: service.log,
    metrics,
    tracer: service.tracer,
    now: () => service.clock.now(),
    newId: service.newId,
    publicUrl: config.PUBLIC_URL,
    trustedProxies: config.TRUSTED_PROXIES,
    fingerprintSecret: config.FINGERPRINT_SECRET,
    adminsNeedSecondFactor: config.ADMIN_SECOND_FACTOR === 'required',
    audit: service.audit,
    rateCounts,
    // Three clients that use all they may leave connections for the others.
    callsAtOnce: Math.max(2, Math.floor(config.DATABASE_POOL / 4)),
    callsPerMinute: config.RATE_LIMIT === 'off' ? null : Number(config.RATE_LIMIT),
    issue: definition.issue && ((signIn) => definition.issue!(service, signIn)),
    trouble,
    busTrouble,
    openapi: () =>
      openapi({ title: name, description: definition.description }, documented(routes, config.ENVIRONMENT)),
    openapiPath: `/api/${name}/openapi.json`,
    streams,
    arrivals: service.arrivals,
  })
  closers.push(() => app.close())
  return app.listen({ host: config.HOST, port: config.PORT, backlog: connectionBacklog })
}

async function openStreams<C extends ConfigSchema, P>(
  { topicsOf }: ServiceDefinition<C, P>,
  { name, config, log, metrics, sessions }: Service<C, P>,
  closers: Closers,
): Promise<Streams | null> {
  if (!topicsOf) return null
  const live = await startLive({ url: config.DATABASE_URL, applicationName: name, topicsOf, log })
  closers.push(() => live.stop())
  const isLimited = config.RATE_LIMIT !== 'off'
  const streams = createStreams(live, {
    all: config.STREAMS_MAX,
    perAddress: isLimited ? streamsPerAddress : null,
    perSession: isLimited ? streamsPerSession : null,
  })
  sessions.onRevoked(streams.recheck)
  addStreamGauge(metrics, streams.size)
  return streams
}

/** Administrators' and signed endpoints are documented in development only. */
const documented = (routes: readonly Pick<Route<never>, 'endpoint'>[], environment: BaseConfig['ENVIRONMENT']) =>
  routes
    .map(({ endpoint }) => endpoint)
    .filter(({ who, signed }) => environment === 'development' || (who !== 'admin' && !signed))

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
