// The database of one service: plain SQL in tagged templates, and transactions that emit messages.

import type { Data, Envelope, Message } from '@aisle/contracts/message'
import type postgres from 'postgres'
import type { Sql } from './client.ts'
import { connect } from './connect.ts'
import { type Connection, connectionCodes, isLost, openConnections, type PoolUse } from './connections.ts'
import { compose } from './envelope.ts'
import type { Asked, Later } from './later.ts'

export type { Sql } from './client.ts'

/** The cause of a transaction; the messages that it emits carry it. */
export type Origin = {
  readonly requestId?: string | null | undefined
  /** The span that the transaction belongs to: https://www.w3.org/TR/trace-context/. */
  readonly traceparent?: string | null | undefined
  /** The emitted messages restate a state; they do not report that anything has happened. */
  readonly isSnapshot?: boolean | undefined
}

/** A transaction. What is emitted in it is published if, and only if, it commits. */
export type Tx = {
  readonly sql: Sql
  readonly origin: Origin
  /** The same transaction, for a part of it that has another cause. */
  from(origin: Origin): Tx
  /**
   * Emits a message about the aggregate `subject`. It is written to the outbox with the commit. Throws when `data`
   * does not match the declaration.
   */
  emit<M extends Message>(message: M, subject: string, data: Data<M>): void
  /**
   * Sends a statement without waiting for its result. It runs in its place among the others and shares its round
   * trip with what follows. If it fails, nothing is committed and `tx` rejects with its error. It must return no column
   * that a migration can change: the driver would send it again after the COMMIT that is on its way.
   */
  send(statement: postgres.PendingQuery<postgres.Row[]>): void
  /** Asks for durable work: see kit/work/. It is run after the commit; never if the transaction does not commit. */
  readonly later: Later
  /** Calls `then` once the transaction has committed; never if it does not commit. */
  afterCommit(then: () => void): void
}

/** Accepts durable work in a transaction: what a worker offers to its database. */
export type AskLater = (tx: Tx, ...request: Parameters<Later>) => Promise<Asked | null>

export type Database = {
  /** For single statements outside a transaction. */
  readonly sql: Sql
  /**
   * Runs `work` in one transaction: commits when it resolves, rolls back and rethrows when it throws. `work` is run
   * again when a migration has changed a table under a statement that the connection had prepared.
   */
  tx<T>(work: (tx: Tx) => Promise<T>, origin?: Origin): Promise<T>
  /** The state of the pool for statements, and of the pool for transactions. */
  use(): readonly PoolUse[]
  close(): Promise<void>
}

/** Limit on the statements of one transaction whose plan a migration may have made stale; each costs one retry. */
const mostStalePlans = 8

export type DatabaseOptions = {
  url: string
  /** Maximum number of connections: this many for transactions, and as many for single statements. */
  max: number
  applicationName: string
  now: () => Date
  newId: () => string
  /** Called after a commit that wrote to the outbox, with the messages. */
  notify: (said: readonly Envelope[]) => void
  /** Accepts durable work; without it `tx.later` throws. */
  later?: AskLater
  /**
   * Milliseconds that a statement or a transaction may take before its connection counts as lost; 34,000 by
   * default.
   */
  answerWithinMs?: number
}

/**
 * Thrown inside `tx` to leave it without a commit but with a value. `afterwards` is one statement that is executed
 * anyway, on its own, after the rollback.
 */
export class Rollback extends Error {
  readonly value: unknown
  readonly afterwards: ((sql: Sql) => postgres.PendingQuery<postgres.Row[]>) | undefined
  constructor(value: unknown, afterwards?: Rollback['afterwards']) {
    // Thrown for every refusal. A stack trace costs more than the refusal, and is never read.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super('rolled back on purpose')
    Error.stackTraceLimit = stackTraceLimit
    this.value = value
    this.afterwards = afterwards
  }
}

/**
 * Opens the database of a service at `url`, with two pools: one for transactions, one for single statements.
 * Nothing connects until the first use. Idle connections are closed after 30 s.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, max, applicationName, now, newId, notify, answerWithinMs, later = noWorker } = options
  const client = { connect_timeout: 10, connection: { application_name: applicationName } }
  const limit = answerWithinMs === undefined ? {} : { answerWithinMs }
  const pool = connect(url, { ...client, ...limit, max, idle_timeout: 30 })
  const connections = openConnections(url, {
    max,
    client,
    idleForMs: 30_000,
    ...(answerWithinMs === undefined ? {} : { useWithinMs: answerWithinMs }),
  })

  return {
    sql: pool,
    async tx(work, origin = {}) {
      const connection = await connections.acquire()
      try {
        for (let tries = 1; ; tries++) {
          try {
            return await transact(connection, work, origin)
          } catch (error) {
            if (!isStalePlan(error) || tries > mostStalePlans) throw error
          }
        }
      } finally {
        connection.release()
      }
    },
    use: () => [pool.use(), connections.use()],
    async close() {
      await Promise.all([connections.close(), pool.end({ timeout: 5 })])
    },
  }

  // Two round trips fewer than the usual six of a small transaction: BEGIN goes out together with the first
  // statement, and the outbox rows together with COMMIT. PostgreSQL runs what is on the wire in order and, once a
  // statement has failed, turns the COMMIT into a ROLLBACK.
  async function transact<T>(
    { sql, whileOpen, destroy }: Connection,
    work: (tx: Tx) => Promise<T>,
    origin: Origin,
  ): Promise<T> {
    const said: Envelope[] = []
    const sent: Promise<postgres.RowList<postgres.Row[]>>[] = []
    const send = (statement: postgres.PendingQuery<postgres.Row[]>) => {
      const running = statement.execute()
      // Checked before the commit; until then a failure must not count as unhandled.
      running.catch(() => {})
      sent.push(running)
    }
    const committed: (() => void)[] = []
    const begun = sql`begin`.execute()
    sent.push(begun)
    const notBegun: unknown[] = []
    // Its answer need not be awaited: it comes before any other.
    begun.catch((error: unknown) => notBegun.push(error))
    const from = (origin: Origin): Tx => {
      const tx: Tx = {
        sql,
        origin,
        from,
        emit: (message, subject, data) =>
          said.push(compose(message, subject, data, { id: newId(), time: now() }, origin)),
        send,
        later: (...request) => later(tx, ...request),
        afterCommit: (then) => committed.push(then),
      }
      return tx
    }
    let result: T
    try {
      result = await whileOpen(work(from(origin)))
      if (notBegun.length > 0) throw notBegun[0]
    } catch (error) {
      if (isLost(error)) {
        destroy()
        throw error
      }
      const rolledBack = sql`rollback`.execute()
      rolledBack.catch(() => {})
      if (!(error instanceof Rollback)) {
        await whileOpen(rolledBack).catch(() => {})
        throw error
      }
      await whileOpen(Promise.all([rolledBack, error.afterwards?.(sql)]))
      return error.value as T
    }
    if (said.length > 0) {
      send(
        sql`insert into outbox (message) select m::json from unnest(${said.map((m) => JSON.stringify(m))}::text[]) m`,
      )
    }
    const commit = await whileOpen(lastOrFirstError([...sent, sql`commit`.execute()]))
    if (commit?.command !== 'COMMIT') {
      throw new Error('The transaction was rolled back: a statement in it had failed and its error was not rethrown.')
    }
    if (said.length > 0) notify(said)
    for (const then of committed) then()
    return result
  }
}

const noWorker: AskLater = async (_tx, { kind }) => {
  throw new Error(`There is no worker for ${kind}: this database was opened without one.`)
}

/**
 * Waits for all and resolves to the last result; throws the first error, which explains why the commit did not
 * happen.
 */
async function lastOrFirstError<T>(queries: Promise<T>[]): Promise<T | undefined> {
  const results = await Promise.allSettled(queries)
  for (const result of results) if (result.status === 'rejected') throw result.reason
  const last = results.at(-1)
  return last?.status === 'fulfilled' ? last.value : undefined
}

/**
 * PostgreSQL's codes for a serialization failure, a deadlock, an unavailable lock, a server that stops or starts,
 * and too many connections: https://www.postgresql.org/docs/current/errcodes-appendix.html.
 */
const transientCodes = new Set(['40001', '40P01', '55P03', '57P01', '57P02', '57P03', '53300'])
/**
 * PostgreSQL's codes for a cancelled statement, an idle transaction and a transaction that ran into their time
 * limits.
 */
const timeoutCodes = new Set(['57014', '25P03', '25P04'])

/**
 * True when a table has other columns than when the statement was prepared; the driver prepares it again the next
 * time.
 */
const isStalePlan = (error: unknown): boolean =>
  codeOf(error) === '0A000' && (error as { routine?: string }).routine === 'RevalidateCachedQuery'

const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? ''

/**
 * True when the same work may succeed if retried, because the failure was not its own fault: deadlock,
 * serialization, connection lost or refused.
 */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error)
  return transientCodes.has(code) || connectionCodes.has(code) || code.startsWith('08') || code.startsWith('CONNECT')
}

/** True when the work exceeded a time limit of the server. The cause may be the server's load, or the work itself. */
export const isTimeout = (error: unknown): boolean => timeoutCodes.has(codeOf(error))

/** True when `error` is a violation of the unique constraint or index `name`. */
export function violates(error: unknown, name: string): boolean {
  const { code, constraint_name: constraint } = error as { code?: string; constraint_name?: string }
  return code === '23505' && constraint === name
}
