// Connections, each used by one transaction or statement at a time.
//
// Not the pool of postgres.js: once it has lost a connection, statements that wait behind another one wait for ever,
// later statements end the process or reach whoever has the connection next, and a request for a connection that was
// refused takes one away for good (porsager/postgres, issues 1154 and 1208). Here each line is a client with one
// connection: when the connection is lost, so is the line; its user is notified, and it is never used again.
//
// A link can also fall silent: no packet arrives, no reset, and the kernel gives up after a quarter of an hour. The
// server's own limits cannot reach the client then. So each use of a line has a time limit on the client. When one
// expires, the line is lost, and so are the idle ones, which share its link.

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
export type Line = {
  /** Throws once the line is lost or released. */
  readonly sql: Sql
  /** Settles like `work`, or rejects when the connection is lost first. Every wait for the server goes through it. */
  whileOpen<T>(work: Promise<T>): Promise<T>
  /** Ends the connection and whatever is open on it, for when its state is unknown. */
  drop(): void
  /** Releases the line. Call it exactly once. */
  giveBack(): void
}

/** How many connections of a pool are in use, how many it may have, and how many callers wait for one. */
export type PoolUse = { readonly inUse: number; readonly max: number; readonly waiting: number }

export type Lines = {
  use(): PoolUse
  /** Acquires a line; waits for a free one. Rejects when none can be opened. */
  take(): Promise<Line>
  /**
   * Runs `work`, one statement, on a line of its own. Settles like it, or rejects when none can be opened or when
   * the connection is lost first.
   */
  run<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** Waits for the lines in use, for at most `timeout` seconds (5 by default), then closes all. */
  close(timeout?: number): Promise<void>
}

export type LinesOptions = {
  /** Maximum number of lines. */
  max: number
  client: Omit<ClientOptions, 'max' | 'idle_timeout' | 'max_lifetime' | 'onclose'>
  /**
   * Milliseconds for which a line may be in use; after that it counts as lost. `null`: no limit. 34,000 by default.
   */
  useWithinMs?: number | null
  /** Milliseconds after which an unused line is closed; without it none is. */
  idleForMs?: number
  /** Called when a line was lost. */
  onLost?: () => void
}

type Open = {
  client: postgres.Sql
  sql: postgres.ReservedSql
  /**
   * Called when the line is lost. Each wait leaves this set again: a race against one promise that lives as long as
   * the line would keep every past wait in memory (some 370 bytes each).
   */
  onLost: Set<(error: Error) => void>
  isLost: () => boolean
  lose(error?: Error): void
  usedSince: number
  idleSince: number
}

/** A caller that waits for a free line; first come, first served. */
type Waiter = {
  since: number
  isOver: boolean
  give(line: Open): void
  refuse(error: unknown): void
}

/** Opens a pool of connections to `url`. It connects when a line is needed. */
export function openLines(url: string, options: LinesOptions): Lines {
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
    async take() {
      const line = await nextUsable()
      let isOver = false
      return {
        whileOpen: (work) => whileOpen(line, work),
        sql: acceptStatements<Sql>(line.sql, () => {
          if (isOver) throw new Error('The transaction is over.')
          if (line.isLost()) throw lostConnection()
        }),
        drop: () => line.lose(),
        giveBack() {
          isOver = true
          giveBack(line)
        },
      }
    },
    async run(work) {
      const line = await nextUsable()
      try {
        if (line.isLost()) throw lostConnection()
        return await settleOrLose(line.onLost, work(line.sql))
      } catch (error) {
        // postgres.js rejects a statement before it reports the closed connection: no caller may get the line in
        // between.
        if (isLost(error)) line.lose()
        throw error
      } finally {
        giveBack(line)
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

  /** A line may be lost on its way to its user: nothing was sent on it, so another one will do. */
  async function nextUsable(): Promise<Open> {
    for (;;) {
      const line = await next()
      line.usedSince = performance.now()
      inUse.add(line)
      if (!line.isLost()) return line
      giveBack(line)
    }
  }

  function giveBack(line: Open): void {
    inUse.delete(line)
    if (line.isLost()) {
      replace()
      return
    }
    line.idleSince = performance.now()
    const waiter = nextWaiter()
    if (waiter) waiter.give(line)
    else idle.push(line)
  }

  function nextWaiter(): Waiter | undefined {
    for (let waiter = waiting.shift(); waiter; waiter = waiting.shift()) if (!waiter.isOver) return waiter
    return undefined
  }

  async function next(): Promise<Open> {
    if (isClosed) throw lostConnection()
    const line = idle.pop()
    if (line) return line
    if (count >= max) return wait()
    return openCounted()
  }

  function wait(): Promise<Open> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        since: performance.now(),
        isOver: false,
        give(line) {
          if (waiter.isOver) return giveBack(line)
          waiter.isOver = true
          resolve(line)
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
      const line = await open()
      if (!isClosed) return line
      // The pool was closed meanwhile, and does not know of this line.
      void end(line).catch(() => {})
      throw lostConnection()
    } catch (error) {
      replace()
      throw error
    }
  }

  /** Accounts for a lost line; a waiting caller gets a new one. */
  function replace(): void {
    count--
    const waiter = nextWaiter()
    if (waiter) openCounted().then(waiter.give, waiter.refuse)
  }

  async function open(): Promise<Open> {
    const onLostHere = new Set<(error: Error) => void>()
    let isLost = false
    let line: Open | null = null
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
    line = { client, sql, onLost: onLostHere, isLost: () => isLost, lose, usedSince: 0, idleSince: 0 }
    return line

    function lose(error: Error = lostConnection()): void {
      if (isLost) return
      isLost = true
      for (const reject of onLostHere) reject(error)
      onLostHere.clear()
      // Statements that were not sent yet must not be sent again.
      void client.end({ timeout: 0 }).catch(() => {})
      if (!line) return
      onLost?.()
      const place = idle.indexOf(line)
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
    for (const line of late) line.lose(silentConnection(useWithinMs))
    for (const line of [...idle]) line.lose()
  }

  function closeIdle(idleForMs: number): void {
    const since = performance.now() - idleForMs
    for (const line of idle.filter(({ idleSince }) => idleSince < since)) {
      idle.splice(idle.indexOf(line), 1)
      count--
      void end(line).catch(() => {})
    }
  }
}

function whileOpen<T>(line: Open, work: Promise<T>): Promise<T> {
  if (!line.isLost()) return settleOrLose(line.onLost, work)
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
