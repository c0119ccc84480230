// Connections for transactions, each used by one at a time.
//
// Not postgres.js's own reserve(): once a connection is lost, statements that wait behind another one wait for ever, what is sent later ends the process or
// goes to whoever has the connection next, and a request for a connection that was refused takes one away for good (porsager/postgres, issues 1154 and
// 1208). Here each line is a client of one connection: when that is lost, so is the line, whoever uses it is told, and it is never used again.

import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { connect } from './connect.ts'
import type { Sql } from './database.ts'

const idleForMs = 30_000
const lookEveryMs = 10_000
const closeWithinMs = 5_000

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
  /** Waits for those in use, for 5 s at the most. */
  close(): Promise<void>
}

type Open = {
  client: postgres.Sql
  sql: postgres.ReservedSql
  lost: Promise<never>
  isLost: () => boolean
  lose(): void
  idleSince: number
}

export function openLines(url: string, options: { max: number; applicationName: string }): Lines {
  const { max, applicationName } = options
  const idle: Open[] = []
  const waiting: PromiseWithResolvers<Open>[] = []
  const inUse = new Set<Open>()
  let count = 0
  const looking = setInterval(closeIdle, lookEveryMs).unref()

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
          inUse.delete(line)
          if (line.isLost()) return replace()
          line.idleSince = performance.now()
          const waiter = waiting.shift()
          if (waiter) waiter.resolve(line)
          else idle.push(line)
        },
      }
    },
    async close() {
      clearInterval(looking)
      for (const waiter of waiting.splice(0)) waiter.reject(lostConnection())
      const until = performance.now() + closeWithinMs
      while (inUse.size > 0 && performance.now() < until) await sleep(10)
      await Promise.all([...idle.splice(0), ...inUse].map(end))
    },
  }

  async function next(): Promise<Open> {
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
    const client = connect(url, {
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: 10,
      connection: { application_name: applicationName },
      onclose: () => {
        // While it is being opened the client tries again by itself.
        if (!line || isLost) return
        lose()
        const place = idle.indexOf(line)
        if (place === -1) return
        idle.splice(place, 1)
        replace()
      },
    })
    const sql = await reserve(client).catch((error: unknown) => {
      void client.end({ timeout: 0 }).catch(() => {})
      throw error
    })
    line = { client, sql, lost, isLost: () => isLost, lose, idleSince: 0 }
    return line

    function lose(): void {
      isLost = true
      reject(lostConnection())
      // Its statements that were not sent yet must not be sent anew.
      void client.end({ timeout: 0 }).catch(() => {})
    }
  }

  function closeIdle(): void {
    const since = performance.now() - idleForMs
    for (const line of idle.filter(({ idleSince }) => idleSince < since)) {
      idle.splice(idle.indexOf(line), 1)
      count--
      void end(line).catch(() => {})
    }
  }
}

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
