// The parts of a service. Nothing runs yet: start.ts starts it.

import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Envelope } from '@aisle/contracts/message'
import type { Tracer } from '@aisle/tracing/span'
import type { Arrivals } from '../bus/arrivals.ts'
import type { AnyReaction } from '../bus/reaction.ts'
import type { SnapshotPart } from '../bus/snapshot.ts'
import type { BaseConfig, Config, ConfigSchema } from '../config.ts'
import type { Database } from '../db/database.ts'
import type { Audit } from '../http/audit.ts'
import type { Route, SignIn } from '../http/route.ts'
import type { Sessions } from '../http/session.ts'
import type { Log } from '../log.ts'
import type { ServiceMetrics } from '../metrics.ts'
import type { Clock } from '../time/clock.ts'
import type { AnyPerformer, Queue } from '../work/work.ts'
import type { Closers } from './closers.ts'
import type { Held } from './held.ts'

/** What a handler receives beside its input. `parts` is what the service has created for itself at its start. */
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
  readonly work: {
    /** The keys of the unfinished work that this process holds of a queue. */
    held(queue: Queue): string[]
    /** Whether this process holds unfinished work of a queue about a subject. */
    isHeld(queue: Queue, subject: string): boolean
    /** Resolves when this process holds no work of a queue about a subject, or after `atMostMs` milliseconds. */
    whileHeld(queue: Queue, subject: string, atMostMs: number): Promise<void>
  }
  readonly parts: P
}

/**
 * A background job: see `startLoop` for `run`. It starts after the database is open and stops before it is closed.
 */
export type Job<S> = {
  readonly name: string
  readonly run: (service: S) => Promise<number>
  readonly wakeOn?: (service: S, wake: () => void) => void
}

/**
 * What an operator does in the service's database, with the arguments of the command line: `node main.ts <name> ...`.
 * Resolves to a sentence that says what was done.
 * @throws ConfigError when the arguments are not right
 */
export type Task = (db: Database, args: readonly string[]) => Promise<string>

export type ServiceDefinition<C extends ConfigSchema, P> = {
  readonly name: ServiceName
  readonly description: string
  readonly config: C
  readonly migrations: URL
  /**
   * Creates what the service needs beside the kit (a payment client, a signing key). What must be closed when the
   * service stops is pushed to `closers`.
   */
  readonly parts?: (service: Omit<Service<C, never>, 'parts'>, closers: Pick<Closers, 'push'>) => Promise<P>
  /** Signs a token of a session, or resolves to null when the session has ended; only auth has it. */
  readonly issue?: (service: Service<C, P>, signIn: SignIn) => Promise<string | null>
  readonly routes: readonly Route<Service<C, P>>[]
  /** The topics of a message of this service, for pages that listen; without it there are no streams. */
  readonly topicsOf?: (message: Envelope) => readonly string[]
  readonly reactions: readonly AnyReaction[]
  /** The kinds of durable work that the service does: see kit/work/. */
  readonly work?: readonly AnyPerformer[]
  /** The service's things, for a listener that must know all of them: see bus/snapshot.ts. */
  readonly snapshot?: readonly SnapshotPart[]
  /** What it holds about people, beside what the kit does. */
  readonly holds: readonly Held[]
  readonly jobs?: readonly Job<Service<C, P>>[]
  /** By the name that an operator types. */
  readonly tasks?: Readonly<Record<string, Task>>
}

// biome-ignore lint/suspicious/noExplicitAny: the stack holds definitions of every service in one list
export type AnyService = ServiceDefinition<any, any>

/** Declares a service. Nothing runs yet. */
export const defineService = <C extends ConfigSchema, P = undefined>(
  definition: ServiceDefinition<C, P>,
): ServiceDefinition<C, P> => definition
