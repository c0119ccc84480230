// Connections, each used by one transaction or statement at a time.
//
// Not the pool of postgres.js: once it has lost a connection, statements that wait behind another one wait for ever,
// later statements end the process or reach the next user of the connection, and a request for a connection that was
// refused takes one away for good (porsager/postgres, issues 1154 and 1208). Here each connection has a client of its
// own: when it is lost, so is the client; its user is notified, and it is never used again.
//
// A link can also fall silent: no packet arrives, no reset, and the kernel gives up after a quarter of an hour. The
// server's own limits cannot reach the client then. So each use of a connection has a time limit on the client. When
// one expires, the connection is lost, and so are the idle ones, which share its link.

import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { type ClientOptions, openClient, type Sql } from './client.ts'
import { acceptStatements } from './statement.ts'

const lookEveryMs = 10_000
const closeWithinSeconds = 5
/**
 * Longer than `transaction_timeout` of the service roles (30 s): a server that still answers ends the work first,
 * and gives the reason.
 */
export const usualUseMs = 34_000
const clockEveryMs = 500
const connectWithinMs = 10_000

/** One connection, acquired from the pool. */
export type Connection = {
  /** Throws once the connection is lost or released. */
  readonly sql: Sql
  /** Settles like `work`, or rejects when the connection is lost first. Every wait for the server goes through it. */
  whileOpen<T>(work: Promise<T>): Promise<T>
  /** Ends the connection and whatever is open on it, for when its state is unknown. */
  destroy(): void
  /** Releases the connection. Call it exactly once. */
  release(): void
}

/** How many connections of a pool are in use, how many it may have, and how many callers wait for one. */
export type PoolUse = { readonly inUse: number; readonly max: number; readonly waiting: number }

export type Connections = {
  use(): PoolUse
  /** Acquires a connection; waits for a free one. Rejects when none can be opened. */
  acquire(): Promise<Connection>
  /**
   * Runs `work`, one statement, on a connection of its own. Settles like it, or rejects when none can be opened or when
   * the connection is lost first.
   */
  run<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** Waits for the connections in use, for at most `timeout` seconds (5 by default), then closes all. */
  close(timeout?: number): Promise<void>
}

export type ConnectionsOptions = {
  /** Maximum number of connections. */
  max: number
  client: Omit<ClientOptions, 'max' | 'idle_timeout' | 'max_lifetime' | 'onclose'>
  /**
   * Milliseconds for which a connection may be in use; after that it counts as lost. `null`: no limit. 34,000 by
   * default.
   */
  useWithinMs?: number | null
  /** Milliseconds after which an unused connection is closed; without it none is. */
  idleForMs?: number
  /** Called when a connection was lost. */
  onLost?: () => void
}

type Open = {
  client: postgres.Sql
  sql: postgres.ReservedSql
  /**
   * Called when the connection is lost. Each wait leaves this set again: a race against one promise that lives as long
   * as the connection would keep every past wait in memory (some 370 bytes each).
   */
  onLost: Set<(error: Error) => void>
  isLost: () => boolean
  lose(error?: Error): void
  usedSince: number
  idleSince: number
}

/** A caller that waits for a free connection; first come, first served. */
type Waiter = {
  since: number
  isOver: boolean
  give(connection: Open): void
  refuse(error: unknown): void
}

/** Opens a pool of connections to `url`. It connects when a connection is needed. */
export function openConnections(url: string, options: ConnectionsOptions): Connections {
  const { max, client: clientOptions, useWithinMs = usualUseMs, idleForMs, onLost } = options
  const idle: Open[] = []
  const waiting: Waiter[] = []
  const inUse = new Set<Open>()
  let count = 0
  let isClosed = false
  const looking = idleForMs === undefined ? undefined : setInterval(() => closeIdle(idleForMs), lookEveryMs).unref()
  const watching = useWithinMs === null ? undefined : setInterval(() => endLate(useWithinMs), clockEveryMs).unref()

  return {
    use: () => ({ inUse: inUse.size, max, waiting: waiting.filter(({ isOver }) => !isOver).length }),
    async acquire() {
      const connection = await nextUsable()
      let isOver = false
      return {
        whileOpen: (work) => whileOpen(connection, work),
        sql: acceptStatements<Sql>(connection.sql, () => {
          if (isOver) throw new Error('The transaction is over.')
          if (connection.isLost()) throw lostConnection()
        }),
        destroy: () => connection.lose(),
        release() {
          isOver = true
          release(connection)
        },
      }
    },
    async run(work) {
      const connection = await nextUsable()
      try {
        if (connection.isLost()) throw lostConnection()
        return await settleOrLose(connection.onLost, work(connection.sql))
      } catch (error) {
        // postgres.js rejects a statement before it reports the closed connection: no caller may get the connection in
        // between.
        if (isLost(error)) connection.lose()
        throw error
      } finally {
        release(connection)
      }
    },
    async close(timeout = closeWithinSeconds) {
      isClosed = true
      clearInterval(looking)
      clearInterval(watching)
      for (const waiter of waiting.splice(0)) waiter.refuse(lostConnection())
      const until = performance.now() + timeout * 1000
      while (inUse.size > 0 && performance.now() < until) await sleep(10)
      await Promise.all([...idle.splice(0), ...inUse].map(end))
    },
  }

  /** A connection may be lost on its way to its user: nothing was sent on it, so another one will do. */
  async function nextUsable(): Promise<Open> {
    for (;;) {
      const connection = await next()
      connection.usedSince = performance.now()
      inUse.add(connection)
      if (!connection.isLost()) return connection
      release(connection)
    }
  }

  function release(connection: Open): void {
    inUse.delete(connection)
    if (connection.isLost()) {
      replace()
      return
    }
    connection.idleSince = performance.now()
    const waiter = nextWaiter()
    if (waiter) waiter.give(connection)
    else idle.push(connection)
  }

  function nextWaiter(): Waiter | undefined {
    for (let waiter = waiting.shift(); waiter; waiter = waiting.shift()) if (!waiter.isOver) return waiter
    return undefined
  }

  async function next(): Promise<Open> {
    if (isClosed) throw lostConnection()
    const connection = idle.pop()
    if (connection) return connection
    if (count >= max) return wait()
    return openCounted()
  }

  function wait(): Promise<Open> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        since: performance.now(),
        isOver: false,
        give(connection) {
          if (waiter.isOver) return release(connection)
          waiter.isOver = true
          resolve(connection)
        },
        refuse(error) {
          waiter.isOver = true
          reject(error)
        },
      }
      waiting.push(waiter)
    })
  }

  async function openCounted(): Promise<Open> {
    count++
    try {
      const connection = await open()
      if (!isClosed) return connection
      // The pool was closed meanwhile, and does not know of this connection.
      void end(connection).catch(() => {})
      throw lostConnection()
    } catch (error) {
      replace()
      throw error
    }
  }

  /** Accounts for a lost connection; a waiting caller gets a new one. */
  function replace(): void {
    count--
    const waiter = nextWaiter()
    if (waiter) openCounted().then(waiter.give, waiter.refuse)
  }

  async function open(): Promise<Open> {
    const onLostHere = new Set<(error: Error) => void>()
    let isLost = false
    let connection: Open | null = null
    const client = openClient(url, {
      connect_timeout: connectWithinMs / 1000,
      ...clientOptions,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      onclose: () => lose(),
    })
    const late = setTimeout(() => lose(silentConnection(2 * connectWithinMs)), 2 * connectWithinMs)
    const sql = await settleOrLose(onLostHere, reserve(client))
      .catch((error: unknown) => {
        lose()
        throw error
      })
      .finally(() => clearTimeout(late))
    connection = { client, sql, onLost: onLostHere, isLost: () => isLost, lose, usedSince: 0, idleSince: 0 }
    return connection

    function lose(error: Error = lostConnection()): void {
      if (isLost) return
      isLost = true
      for (const reject of onLostHere) reject(error)
      onLostHere.clear()
      // Statements that were not sent yet must not be sent again.
      void client.end({ timeout: 0 }).catch(() => {})
      if (!connection) return
      onLost?.()
      const place = idle.indexOf(connection)
      if (place === -1) return
      idle.splice(place, 1)
      replace()
    }
  }

  function endLate(useWithinMs: number): void {
    const now = performance.now()
    for (const waiter of waiting.filter(({ since }) => now - since > useWithinMs))
      waiter.refuse(silentConnection(useWithinMs))
    const late = [...inUse].filter(({ usedSince }) => now - usedSince > useWithinMs)
    if (late.length === 0) return
    for (const connection of late) connection.lose(silentConnection(useWithinMs))
    for (const connection of [...idle]) connection.lose()
  }

  function closeIdle(idleForMs: number): void {
    const since = performance.now() - idleForMs
    for (const connection of idle.filter(({ idleSince }) => idleSince < since)) {
      idle.splice(idle.indexOf(connection), 1)
      count--
      void end(connection).catch(() => {})
    }
  }
}

function whileOpen<T>(connection: Open, work: Promise<T>): Promise<T> {
  if (!connection.isLost()) return settleOrLose(connection.onLost, work)
  work.catch(() => {})
  return Promise.reject(lostConnection())
}

/** Settles like `work`, unless one of `onLost` is called first. */
function settleOrLose<T>(onLost: Set<(error: Error) => void>, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    onLost.add(reject)
    const settle =
      <Value>(how: (value: Value) => void) =>
      (value: Value) => {
        onLost.delete(reject)
        how(value)
      }
    work.then(settle(resolve), settle(reject))
  })
}

/** Connects first: without the query for types, reserve() waits for ever for a connection that it opens itself. */
async function reserve(client: postgres.Sql): Promise<postgres.ReservedSql> {
  await client`select 1`
  return client.reserve()
}

function end({ client, sql }: Open): Promise<void> {
  sql.release()
  return client.end({ timeout: 5 })
}

/** Node's error codes for a connection that is lost or refused. */
export const connectionCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
])

/** True when the connection is gone, or the server has announced that it ends it. */
export function isLost(error: unknown): boolean {
  const { code = '', severity } = (error ?? {}) as { code?: string; severity?: string }
  return connectionCodes.has(code) || code.startsWith('CONNECTION_') || severity === 'FATAL'
}

const lostConnection = () =>
  Object.assign(new Error('The connection to the database was lost.'), { code: 'CONNECTION_CLOSED' })

const silentConnection = (ms: number) =>
  Object.assign(new Error(`The database gave no answer for ${ms / 1000} s.`), { code: 'ETIMEDOUT' })
