// How a service answers an endpoint. Four kinds:
//   query     safe, reads
//   command   one transaction: what it writes, what it emits and the remembered answer commit together
//   procedure several transactions with external calls between them; claims its Idempotency-Key first
//   stream    stays open and sends changes

import type { Body, Endpoint, Params, Query, Success } from '@aisle/contracts/endpoint'
import type { Span } from '@aisle/tracing/span'
import type { Origin, Tx } from '../db/database.ts'
import type { Refusal } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Session } from './session.ts'
import type { Subscription } from './stream.ts'

/** The client of a request. */
export type Client = {
  readonly address: string
  readonly userAgent: string | null
  /** The value of the device cookie, unchecked: see `SignIn`. */
  readonly device: string | null
}

export type Request<E extends Endpoint> = {
  readonly params: Params<E>
  readonly query: Query<E>
  readonly body: Body<E>
  /** Never null where the endpoint is for users or admins. */
  readonly session: E['who'] extends 'anyone' ? Session | null : Session
  readonly client: Client
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly now: Date
  /** For transactions that this request causes. */
  readonly origin: Origin & { readonly requestId: string }
  /** The span of the request in its trace. */
  readonly span: Span
  readonly log: Log
}

export type Answer<T> = {
  readonly body: T
  readonly headers?: Readonly<Record<string, string>>
  /** A user to sign in with this answer (sets the cookie), or null to sign out (clears it). */
  readonly signIn?: SignIn | null
}
export type SignIn = {
  /** The session that the token belongs to. */
  readonly sessionId: string
  readonly userId: string
  readonly role: 'user' | 'admin'
  readonly name: string
  /**
   * ISO 8601: when the password was given. Stored with a remembered answer, so that its replay cannot outlive a
   * revocation.
   */
  readonly authenticatedAt: string
  /** ISO 8601: when the user last proved who they are; missing if that was when the password was given. */
  readonly provedAt?: string
  /** Whether they did with a second factor as well. */
  readonly hasSecondFactor?: boolean
  /**
   * The new value of the cookie that outlives sessions, by which the service recognises the device at its next
   * sign-in.
   */
  readonly device?: string
}

/** A successful answer; its status is the endpoint's. */
export const answer = <T>(body: T, extra: Omit<Answer<T>, 'body'> = {}): Answer<T> => ({ body, ...extra })

type Result<E extends Endpoint> = Promise<
  Answer<Success<E> | (E['success']['body'] extends null ? undefined : never)> | Refusal
>

export type Route<S> = { readonly endpoint: Endpoint } & (
  | {
      readonly kind: 'query'
      readonly handle: (request: Request<Endpoint>, service: S) => Promise<Answer<unknown> | Refusal>
    }
  | {
      readonly kind: 'procedure'
      readonly handle: (request: Request<Endpoint>, service: S) => Promise<Answer<unknown> | Refusal>
    }
  | {
      readonly kind: 'stream'
      readonly handle: (request: Request<Endpoint>, service: S) => Promise<Subscription | Refusal>
    }
  | {
      readonly kind: 'command'
      readonly before: ((request: Request<Endpoint>, service: S) => Promise<Refusal | null>) | undefined
      readonly handle: (tx: Tx, request: Request<Endpoint>, service: S) => Promise<Answer<unknown> | Refusal>
    }
)

// biome-ignore lint/suspicious/noExplicitAny: a list holds routes of every endpoint; each was checked when declared
type Erased = any

/** Answers an endpoint that only reads. */
export const query = <E extends Endpoint, S>(
  endpoint: E,
  handle: (request: Request<E>, service: S) => Result<E>,
): Route<S> => ({ kind: 'query', endpoint, handle: handle as Erased })

/**
 * Answers an endpoint in one transaction. `before` runs outside it, and may wait: waiting inside a transaction
 * would hold a connection. A refusal of `before` is not remembered under the Idempotency-Key.
 */
export const command = <E extends Endpoint, S>(
  endpoint: E,
  handle: (tx: Tx, request: Request<E>, service: S) => Result<E>,
  { before }: { before?: (request: Request<E>, service: S) => Promise<Refusal | null> } = {},
): Route<S> => ({ kind: 'command', endpoint, handle: handle as Erased, before: before as Erased })

/**
 * Answers an endpoint with several transactions and external calls. `handle` must be safe to repeat: after a crash
 * a retry runs it again.
 */
export const procedure = <E extends Endpoint, S>(
  endpoint: E,
  handle: (request: Request<E>, service: S) => Result<E>,
): Route<S> => ({ kind: 'procedure', endpoint, handle: handle as Erased })

/**
 * Answers an endpoint that stays open. The handler returns what the page listens to; the endpoint declares the form
 * of its events.
 */
export const stream = <E extends Endpoint, S>(
  endpoint: E,
  handle: (request: Request<E>, service: S) => Promise<Subscription | Refusal>,
): Route<S> => ({ kind: 'stream', endpoint, handle: handle as Erased })
