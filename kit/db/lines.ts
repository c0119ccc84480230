// Connections, each used by one transaction or statement at a time.
//
// Not postgres.js's own pool: once a connection is lost, statements that wait behind another one wait for ever, what is sent later ends the process or
// goes to whoever has the connection next, and a request for a connection that was refused takes one away for good (porsager/postgres, issues 1154 and
// 1208). Here each line is a client of one connection: when that is lost, so is the line, whoever uses it is told, and it is never used again.

import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { type ClientOptions, openClient } from './client.ts'
import type { Sql } from './database.ts'

const lookEveryMs = 10_000
const closeWithinSeconds = 5

/** A statement of postgres.js, and how it is carried out: its handler sends it and then settles it. */
export type Statement = Promise<unknown> & {
  handler: (statement: Statement) => void
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

export type Line = {
  /** Throws once the line is lost or given back. */
  readonly sql: Sql
  /** Rejects when the connection is lost; race every wait with it. */
  readonly lost: Promise<never>
  /** Ends the connection, and with it whatever is open on it: for when nobody knows any more what is. */
  drop(): void
  /** Call it once, in any case. */
  giveBack(): void
}

export type Lines = {
  /** Waits for a free line. Rejects when none can be opened. */
  take(): Promise<Line>
  /** Carries one statement out on a line of its own, and settles it. */
  run(statement: Statement): void
  /** Waits for those in use, for so many seconds at the most: 5 by default. */
  close(timeout?: number): Promise<void>
}

export type LinesOptions = {
  /** Lines at the most. */
  max: number
  client: Omit<ClientOptions, 'max' | 'idle_timeout' | 'max_lifetime' | 'onclose'>
  /** A line that nobody has used for so long is closed; without it none is. */
  idleForMs?: number
  /** Called when a line was lost. */
  onLost?: () => void
}

type Open = {
  client: postgres.Sql
  sql: postgres.ReservedSql
  handler: Statement['handler']
  /** What it carries out, so that the loss of the line is the end of it. */
  statement: Statement | null
  lost: Promise<never>
  isLost: () => boolean
  lose(): void
  idleSince: number
}

export function openLines(url: string, { max, client: clientOptions, idleForMs, onLost }: LinesOptions): Lines {
  const idle: Open[] = []
  const waiting: PromiseWithResolvers<Open>[] = []
  const inUse = new Set<Open>()
  let count = 0
  let isClosed = false
  const looking = idleForMs === undefined ? undefined : setInterval(() => closeIdle(idleForMs), lookEveryMs).unref()

  return {
    async take() {
      const line = await next()
      inUse.add(line)
      let isOver = false
      return {
        lost: line.lost,
        sql: new Proxy(line.sql, {
          apply(target, self, values) {
            if (isOver) throw new Error('The transaction is over.')
            if (line.isLost()) throw lostConnection()
            return Reflect.apply(target, self, values)
          },
        }) as unknown as Sql,
        drop: line.lose,
        giveBack() {
          isOver = true
          giveBack(line)
        },
      }
    },
    run(statement) {
      next().then(
        (line) => {
          inUse.add(line)
          carryOut(line, statement, () => giveBack(line))
        },
        (error) => statement.reject(error),
      )
    },
    async close(timeout = closeWithinSeconds) {
      isClosed = true
      clearInterval(looking)
      for (const waiter of waiting.splice(0)) waiter.reject(lostConnection())
      const until = performance.now() + timeout * 1000
      while (inUse.size > 0 && performance.now() < until) await sleep(10)
      await Promise.all([...idle.splice(0), ...inUse].map(end))
    },
  }

  function giveBack(line: Open): void {
    inUse.delete(line)
    if (line.isLost()) {
      replace()
      return
    }
    line.idleSince = performance.now()
    const waiter = waiting.shift()
    if (waiter) waiter.resolve(line)
    else idle.push(line)
  }

  async function next(): Promise<Open> {
    if (isClosed) throw lostConnection()
    const line = idle.pop()
    if (line) return line
    if (count >= max) {
      const waiter = Promise.withResolvers<Open>()
      waiting.push(waiter)
      return waiter.promise
    }
    count++
    try {
      return await open()
    } catch (error) {
      replace()
      throw error
    }
  }

  /** One line fewer: whoever waits for one gets a new one. */
  function replace(): void {
    count--
    const waiter = waiting.shift()
    if (waiter) next().then(waiter.resolve, waiter.reject)
  }

  async function open(): Promise<Open> {
    const { promise: lost, reject } = Promise.withResolvers<never>()
    lost.catch(() => {})
    let isLost = false
    let line: Open | null = null
    const client = openClient(url, { ...clientOptions, max: 1, idle_timeout: 0, max_lifetime: null, onclose: lose })
    const sql = await Promise.race([reserve(client), lost]).catch((error: unknown) => {
      lose()
      throw error
    })
    line = { client, sql, handler: handlerOf(sql), statement: null, lost, isLost: () => isLost, lose, idleSince: 0 }
    return line

    function lose(): void {
      if (isLost) return
      isLost = true
      reject(lostConnection())
      line?.statement?.reject(lostConnection())
      // Its statements that were not sent yet must not be sent anew.
      void client.end({ timeout: 0 }).catch(() => {})
      if (!line) return
      onLost?.()
      const place = idle.indexOf(line)
      if (place === -1) return
      idle.splice(place, 1)
      replace()
    }
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

function carryOut(line: Open, statement: Statement, done: () => void): void {
  const { resolve, reject } = statement
  const once = (settle: (value: unknown) => void) => (value: unknown) => {
    if (line.statement !== statement) return
    line.statement = null
    done()
    settle(value)
  }
  statement.resolve = once(resolve)
  statement.reject = once(reject)
  line.statement = statement
  if (line.isLost()) statement.reject(lostConnection())
  else line.handler(statement)
}

/** What carries out the statements that `sql` makes. */
const handlerOf = (sql: postgres.Sql): Statement['handler'] => (sql`` as unknown as Statement).handler

/** Connected first: without the query for types, reserve() waits for ever for a connection that it opens itself. */
async function reserve(client: postgres.Sql): Promise<postgres.ReservedSql> {
  await client`select 1`
  return client.reserve()
}

function end({ client, sql }: Open): Promise<void> {
  sql.release()
  return client.end({ timeout: 5 })
}

const lostConnection = () =>
  Object.assign(new Error('The connection to the database was lost.'), { code: 'CONNECTION_CLOSED' })
