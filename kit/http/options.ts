// What the HTTP side of a service is made of.

import type { Tracer } from '@aisle/tracing/span'
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
  /** As the setting TRUSTED_PROXIES: whose word about the client is taken. */
  trustedProxies: string
  fingerprintSecret: string
  /** Requests a minute for one client, or null for no limit. */
  callsPerMinute: number | null
  rateCounts: RateCounts
  /** How many requests of one client are handled at a time where there is a limit of calls. */
  callsAtOnce: number
  /** Signs a token of a session, or null when the session has ended; only auth can. */
  issue: ((signIn: SignIn) => Promise<string | null>) | undefined
  /** What keeps the service from being ready, or null. */
  trouble: () => Promise<string | null>
  /** What is wrong with the messages, or null: told by /readyz, which is ready all the same. */
  busTrouble: () => string | null
  openapi: () => unknown
  openapiPath: string
  /** For routes that stay open. */
  streams: Streams | null
}
