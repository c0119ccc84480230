// What a service needs from a bus. One suite (kit/bus/bus-suite.ts) proves every implementation.

import type { Tx } from '../db/database.ts'

/** Messages as they arrived: in order, not checked yet. */
export type Batch = {
  readonly publisher: string
  readonly messages: readonly unknown[]
  /** Whether the message may have been read before, in an earlier history of the publisher's outbox. */
  isAgain(index: number): boolean
  /**
   * Moves the reader's position past the first `count` messages and records those with `ids` as consumed, in the
   * consumer's transaction. Resolves to the ids that were not recorded before; or to null, without recording any, when
   * another replica of this consumer has taken the messages meanwhile.
   */
  advance(tx: Tx, count: number, ids: readonly string[]): Promise<ReadonlySet<string> | null>
  /**
   * Like `advance` past all messages, without a wait: the commit fails when another replica has taken them or one of
   * `ids` was recorded before.
   */
  advanceBlindly(tx: Tx, ids: readonly string[]): void
}

/**
 * Resolves when the outcome of every message of the batch is committed. Rejects only for transient faults: the bus
 * then delivers the same messages again.
 */
export type Deliver = (batch: Batch) => Promise<void>

/** Messages that have not reached their destination yet, and the age of the oldest in seconds. */
export type Backlog = { readonly messages: number; readonly oldestSeconds: number }

export type Bus = {
  /**
   * Starts delivering the messages of `publishers`. Those that are not of `types` may be delivered late, or left out.
   * Rejects when the bus cannot be reached.
   */
  subscribe(wanted: { publishers: readonly string[]; types: readonly string[] }, deliver: Deliver): Promise<void>
  /** Hints that messages of these types were written to this service's outbox. A lost hint costs only time. */
  notify(types: readonly string[]): void
  /** What is wrong, or null. It does not stop the service from answering: messages wait in the outbox meanwhile. */
  trouble(): string | null
  /**
   * Messages of this service that a broker does not have yet; null without a broker. Rejects when it cannot be
   * determined.
   */
  unpublished(): Promise<Backlog | null>
  /**
   * For each publisher, the messages that this service has not consumed yet. Rejects when it cannot be determined.
   */
  behind(): Promise<readonly (Backlog & { readonly publisher: string })[]>
  /**
   * How full this service's stream on a broker is, from 0 to 1; null without a broker. Rejects when it cannot be
   * determined.
   */
  streamFill(): Promise<number | null>
  /** Stops taking messages; resolves when those in progress are committed. Safe to call twice. */
  stop(): Promise<void>
  /** Stops, publishes what is in the outbox so far if it can, and closes every connection. Safe to call twice. */
  close(): Promise<void>
}
