// How every part of the code connects to PostgreSQL: postgres.js executes the statements, on connections of our own
// (connections.ts). In the pool of postgres.js, a connection that is lost in the tick in which it is written to is
// never opened again, and what waits for it waits for ever.

import type postgres from 'postgres'
import { type ClientOptions, openClient, type Sql } from './client.ts'
import { openConnections, type PoolUse } from './connections.ts'
import { acceptStatements, Statement, type Write, withFragments } from './statement.ts'

type Options = Omit<ClientOptions, 'max' | 'idle_timeout' | 'onclose'> & {
  /** Maximum number of connections; 10 by default. */
  max?: number
  /** Seconds after which an unused connection is closed; by default never. */
  idle_timeout?: number
  /**
   * Milliseconds that a statement may take before its connection counts as lost; 34,000 by default, `null` for no
   * limit.
   */
  answerWithinMs?: number | null
  /** Called when a connection was lost. */
  onclose?: () => void
}

/**
 * TCP keepalives for a connection whose end matters to others. A client whose machine is gone sends nothing, so the
 * server probes it after 5 s of silence and ends the connection after three unanswered probes, 2 s apart.
 */
export const keepalives = { tcp_keepalives_idle: 5, tcp_keepalives_interval: 2, tcp_keepalives_count: 3 }

/** What `connect` opens. Of the methods of a statement there are only those of a promise and `execute()`. */
export type Pool = postgres.Sql & { readonly use: () => PoolUse }

/**
 * Opens a pool for `url`. Each statement has a connection to itself until it is answered. A statement whose
 * connection is lost is rejected, and may or may not have been executed. `begin` has a connection of its own.
 * Connections are opened when they are needed.
 */
export function connect(url: string, options: Options = {}): Pool {
  const { max = 10, idle_timeout: idleSeconds = 0, answerWithinMs, onclose, ...rest } = options
  const client = openClient(url, { ...rest, max })
  const connections = openConnections(url, {
    max,
    client: rest,
    ...(idleSeconds > 0 ? { idleForMs: idleSeconds * 1000 } : {}),
    ...(answerWithinMs === undefined ? {} : { useWithinMs: answerWithinMs }),
    ...(onclose ? { onLost: onclose } : {}),
  })
  const statement = (write: Write) => new Statement(write, connections.run)
  /** A template makes a statement; for a name or for rows, postgres.js makes what stands for them in a template. */
  const tag = (first: unknown, ...values: unknown[]) =>
    isTemplate(first)
      ? statement((sql) => sql(first, ...(withFragments(sql, values) as postgres.ParameterOrFragment<never>[])))
      : Reflect.apply(client, null, [first, ...values])
  const own = {
    use: connections.use,
    unsafe: (...values: Parameters<Sql['unsafe']>) => statement((sql) => sql.unsafe(...values)),
    begin: (...values: readonly (string | Work)[]) => Reflect.apply(client.begin, null, values.map(inTransaction)),
    async reserve() {
      const { sql, release } = await connections.acquire()
      return new Proxy(sql, { get: (target, name) => (name === 'release' ? release : Reflect.get(target, name)) })
    },
    async end({ timeout }: { timeout?: number } = {}) {
      await Promise.all([connections.close(timeout), client.end({ timeout: timeout ?? 0 })])
    },
  }
  return Object.assign(tag, client, own) as unknown as Pool
}

type Work = (tx: postgres.TransactionSql) => unknown

/** The work of a transaction of postgres.js, or its options. */
const inTransaction = (value: string | Work) =>
  typeof value === 'string' ? value : (tx: postgres.TransactionSql) => value(acceptStatements(tx))

const isTemplate = (first: unknown): first is TemplateStringsArray => Array.isArray(first) && 'raw' in first
