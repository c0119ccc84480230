// What a service asks of a bus, whichever it is. One suite (kit/bus/bus-suite.ts) proves every implementation.

import type { Tx } from '../db/database.ts'

/** Messages as they came, in order and not checked yet. */
export type Batch = {
  readonly publisher: string
  readonly messages: readonly unknown[]
  /** Whether a message may have been read before, in an earlier history of the publisher's outbox. */
  isAgain(index: number): boolean
  /**
   * Moves the reader's position past the first `count` messages, in the consumer's transaction.
   * Resolves to false when another replica of this consumer has taken them meanwhile.
   */
  advance(tx: Tx, count: number): Promise<boolean>
}

/** Resolves when the fate of every message of the batch is committed. Rejects only for transient faults: the bus delivers the same again. */
export type Deliver = (batch: Batch) => Promise<void>

/** Messages that are somewhere and not yet where they go. */
export type Backlog = { readonly messages: number; readonly oldestSeconds: number }

export type Bus = {
  /** Starts to deliver the messages of `publishers`. Rejects when the bus cannot be reached. */
  subscribe(publishers: readonly string[], deliver: Deliver): Promise<void>
  /** Something was written to this service's outbox. A hint: lost ones only cost time. */
  announce(): void
  /** What is wrong, or null. It keeps no service from answering: what is said meanwhile waits in the outbox. */
  trouble(): string | null
  /** What this service has said and a broker has not; null where there is no broker. Rejects when it cannot be found out. */
  unpublished(): Promise<Backlog | null>
  /** What each publisher has said and this service not taken yet. Rejects when it cannot be found out. */
  behind(): Promise<readonly (Backlog & { readonly publisher: string })[]>
  /** How full this service's stream on a broker is, from 0 to 1; null where there is no broker. Rejects when it cannot be found out. */
  streamFill(): Promise<number | null>
  /** Stops taking messages; resolves when those under way are committed. Safe to call twice. */
  stop(): Promise<void>
  /** Stops, publishes what this service has said until now if it can, and lets go of everything. Safe to call twice. */
  close(): Promise<void>
}
