// The parts of the HTTP side of a service.

import type { Tracer } from '@aisle/tracing/span'
import type { Arrivals } from '../bus/arrivals.ts'
import type { Database } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { ServiceMetrics } from '../metrics.ts'
import type { Audit } from './audit.ts'
import type { RateCounts } from './rate-counts.ts'
import type { Route, SignIn } from './route.ts'
import type { Sessions } from './session.ts'
import type { Streams } from './stream.ts'

export type HttpOptions<S> = {
  routes: readonly Route<S>[]
  service: S
  db: Database
  sessions: Sessions
  audit: Audit
  log: Log
  metrics: ServiceMetrics
  tracer: Tracer
  now: () => Date
  newId: () => string
  publicUrl: string
  /** The setting TRUSTED_PROXIES: the proxies whose forwarded headers are trusted. */
  trustedProxies: string
  fingerprintSecret: string
  /** Whether admins must have signed in with a second factor. */
  adminsNeedSecondFactor: boolean
  /** Requests per minute for one client, or null for no limit. */
  callsPerMinute: number | null
  rateCounts: RateCounts
  /** How many requests of one client are handled at a time, where there is a rate limit. */
  callsAtOnce: number
  /** Signs a token of a session, or resolves to null when the session has ended; only auth can. */
  issue: ((signIn: SignIn) => Promise<string | null>) | undefined
  /** What keeps the service from being ready, or null. */
  trouble: () => Promise<string | null>
  /** What is wrong with the bus, or null. /readyz reports it, and is ready nevertheless. */
  busTrouble: () => string | null
  openapi: () => unknown
  openapiPath: string
  /** For routes that stay open; null if the service has none. */
  streams: Streams | null
  /** Its waits end when the server stops. */
  arrivals: Pick<Arrivals, 'close'>
}
