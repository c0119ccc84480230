// How a service declares what it does with the messages of others. The consumer runs it (consumer.ts).

import type { Data, Envelope, Message } from '@aisle/contracts/message'
import type { Tx } from '../db/database.ts'

/**
 * What a reaction returns to be called again in `later` milliseconds instead of having an effect now. The pause
 * doubles with each further attempt, up to 30 s, for an hour. The reaction must not have written anything.
 */
export type Later = { readonly later: number }
/** Asks for the reaction to be called again in `ms` milliseconds. */
export const later = (ms: number): Later => ({ later: ms })

/** The circumstances in which a reaction receives a message. */
export type Delivery = {
  /** Earlier attempts: 0 the first time. */
  readonly tries: number
  /**
   * The message is read again because its publisher's history has changed: a mirror takes its state whatever
   * version it has.
   */
  readonly again: boolean
}

/** A reaction to any message, so that reactions fit into one list. */
export type AnyReaction = {
  readonly message: Message
  // biome-ignore lint/suspicious/noExplicitAny: each was checked against its own message and service when declared
  readonly copy?: Copying<any> | undefined
  readonly react: (
    tx: Tx,
    // biome-ignore lint/suspicious/noExplicitAny: each was checked against its own message and service when declared
    message: any,
    // biome-ignore lint/suspicious/noExplicitAny: as above
    service: any,
    delivery: Delivery,
  ) => ReturnType<Reaction<Message, unknown>['react']>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly concerns?: ((data: any) => string | undefined) | undefined
}
export type Reaction<M extends Message, S> = {
  readonly message: M
  /** Set for a mirror, which copies the state that the message carries, and does nothing else. */
  readonly copy?: Copying<S> | undefined
  readonly react: (
    tx: Tx,
    message: Envelope<Data<M>>,
    service: S,
    delivery: Delivery,
    // biome-ignore lint/suspicious/noConfusingVoidType: most reactions return nothing
  ) => Promise<Later | undefined | void>
  /** The key of what the reaction reads and then changes, where that is not the message's subject. */
  readonly concerns?: ((data: Data<M>) => string | undefined) | undefined
}

/**
 * Declares how a service reacts to `message`. The effect and the record that the message was consumed commit
 * together.
 */
export const on = <M extends Message, S>(
  message: M,
  react: Reaction<M, S>['react'],
  concerns?: Reaction<M, S>['concerns'],
): Reaction<M, S> => ({ message, react, concerns })

/** A state to copy, and the span that it is copied in. */
export type Copied<D> = { readonly data: D; readonly traceparent: string | null }
/** Copies states of different things, each newer than its version here or read again. It only sends statements. */
type Copying<S, D = never> = (
  tx: Tx,
  states: readonly Copied<D>[],
  service: S,
  delivery: Pick<Delivery, 'again'>,
) => void

/**
 * Declares that a service keeps a copy of the states that `messages` carry. `copy` must take a state only if its
 * version is newer or if the message is read again. It gets all states of a batch at once, no two of the same thing.
 */
export const mirror = <M extends Message, S>(messages: readonly M[], copy: Copying<S, Data<M>>): Reaction<M, S>[] =>
  messages.map((message) => ({
    message,
    copy: copy as Copying<S>,
    async react(tx, { data }, service, delivery) {
      copy(tx, [{ data, traceparent: tx.origin.traceparent ?? null }], service, delivery)
    },
  }))
