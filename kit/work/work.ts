// Durable work, the third primitive beside messages and timers. A transaction asks for it (`tx.later`), and it is run
// after the commit by one worker (worker.ts): at least once, until it is done, has failed for good, or is given up.
//
// It is for what a transaction cannot contain: a call to another system. `run` must be safe to repeat, since a crash
// may come between the effect and its record. What makes it safe is the key of the job: it stays the same for every
// attempt, so it can be the idempotency key of the call.

import type { Static, TSchema } from 'typebox'
import type { BaseConfig } from '../config.ts'
import type { Origin, Tx } from '../db/database.ts'
import type { Asked, WorkKind } from '../db/later.ts'

/** The rules that kinds of work share, and the places that they share. */
export type Queue = {
  readonly name: string
  /** How many run at once in one process. */
  readonly places: number | ((config: BaseConfig & Record<string, unknown>) => number)
  /** The pause after the first failed attempt, in milliseconds. It doubles with each attempt, */
  readonly firstPauseMs: number
  /** up to this. */
  readonly longestPauseMs: number
  /** Work older than this becomes a dead letter when an attempt fails; null: it is never given up. */
  readonly giveUpAfterMs: number | null
  /** How long finished work is kept. After that the same work can be asked for again. */
  readonly keptDays: number
  /** The outside system that the work calls. Its spans are a client's. */
  readonly peer?: string
  /** What a subject is, for the spans: `payment_id` is the attribute `aisle.payment_id`. */
  readonly subject?: string
  /** Work about one subject is run one after the other in a process. */
  readonly oneBySubject?: boolean
}

/** Declares a queue; see `Queue` for the units. */
export const queue = (name: string, rules: Omit<Queue, 'name'>): Queue => ({ name, ...rules })

/** A declared kind of work. */
export type Work<D extends TSchema = TSchema> = WorkKind<D> & { readonly queue: Queue }

/** Declares a kind of work, for `tx.later`. Its data must still be readable by the next version of the code. */
export const work = <D extends TSchema>(kind: string, data: D, queue: Queue): Work<D> => ({ kind, data, queue })

/** One piece of work while it is run. */
export type Job<D extends TSchema = TSchema> = {
  /** The same for every attempt; another one after the work has failed and was asked for again. */
  readonly key: string
  /** The last part of the key: 1 the first time. */
  readonly number: number
  readonly subject: string
  readonly data: Static<D>
  /** Earlier attempts: 0 the first time. */
  readonly tries: number
  readonly askedAt: Date
  /** For the transactions of this attempt. */
  readonly origin: Origin
  /**
   * Records in `tx` that the work is done. Work that returns without either is recorded as done. It does not guard the
   * effect: a worker that was taken for dead may commit it as well.
   */
  done(tx: Tx): void
  /** Records in `tx` that the work was refused for good. Asked for again, it gets another key. */
  failed(tx: Tx, why: string): void
}

/** The outcome is unknown: the work is run again after a pause. */
export type Retry = {
  readonly error: Error
  /** Run it under the next key: this one will yield no other answer. */
  readonly nextKey: boolean
}
/** What `run` returns to be called again after a pause, with the same key unless `nextKey`. */
export const retry = (error: Error, { nextKey = false } = {}): Retry => ({ error, nextKey })

/**
 * What `run` resolves to: a retry; or the work that follows from this one, so that `attempted` waits for it too; or
 * nothing.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: most work returns nothing
type Outcome = Promise<Retry | Asked | null | void>

/** Work of any kind with its code, so that all fit into one list. */
export type AnyPerformer = {
  readonly work: Work
  // biome-ignore lint/suspicious/noExplicitAny: each was checked against its own work and service when declared
  readonly run: (job: any, service: any) => Outcome
}

/**
 * Declares how a service does a kind of work. An error that `run` throws is logged, and the work is run again after a
 * pause.
 */
export const perform = <D extends TSchema, S>(
  work: Work<D>,
  run: (job: Job<D>, service: S) => Outcome,
): AnyPerformer => ({ work, run })
