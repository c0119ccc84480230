// Holds a process of the distributed stack at one exact step of its work, from outside: by locks in its
// database, by its link to the broker, or by the provider's silence. A process killed while it waits is killed
// at that step.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { until } from '@aisle/kit/testing/settled'
import type postgres from 'postgres'
import type { Broken } from './broken-stack.ts'

export type Moment = {
  /** Resolves when the process waits at the step. */
  reached(): Promise<void>
  /** After the process is killed: removes all obstacles. */
  release(): Promise<void>
}

/** Arms a moment: from now on the process will stop there. */
export type Step = (stack: Broken, service: ServiceName) => Promise<Moment>

type LockMode = 'share' | 'access exclusive'

/** A transaction that has done its work and waits to write its messages; ended, it is rolled back. */
export const beforeCommit: Step = async (stack, service) => {
  const lock = await lockTable(stack.sql(service), 'outbox', 'share')
  return { reached: lock.waitedFor, release: lock.endWaiters }
}

/** The same for a transaction that consumes a message and may publish nothing. */
export const beforeEffect: Step = async (stack, service) => {
  const lock = await lockTable(stack.sql(service), 'inbox', 'share')
  return { reached: lock.waitedFor, release: lock.endWaiters }
}

/** Committed, but the relay cannot read its position: the messages are only in the outbox. */
export const beforePublish: Step = async (stack, service) => {
  const sql = stack.sql(service)
  const lock = await lockTable(sql, 'relay_position', 'access exclusive')
  await lock.waitedFor()
  const before = await countOf(sql, 'outbox')
  return {
    reached: () => more(sql, 'outbox', before),
    release: lock.endWaiters,
  }
}

/** Published, but the relay cannot save its position. */
export const beforePositionSaved: Step = async (stack, service) => {
  const lock = await lockTable(stack.sql(service), 'relay_position', 'share')
  return { reached: lock.waitedFor, release: lock.endWaiters }
}

/** A message whose effect is committed, but whose ack does not reach the broker. */
export const beforeAck: Step = async (stack, service) => {
  const sql = stack.sql(service)
  const link = stack.links.get(`${service}-1 to NATS`)!
  const lock = await lockTable(sql, 'inbox', 'share')
  const before = await countOf(sql, 'inbox')
  return {
    async reached() {
      await lock.waitedFor()
      link.set('silent')
      await lock.letGo()
      await more(sql, 'inbox', before)
    },
    async release() {
      link.set('open')
    },
  }
}

/** The provider was asked and has not answered; it executes the request all the same. */
export const atProvider =
  (route: string): Step =>
  async (stack) => {
    const hold = await holdProvider(stack, route)
    return { reached: hold.reached, release: hold.letGo }
  }

/** The provider has executed the request and answered, but none of that is committed. */
export const afterProvider =
  (route: string): Step =>
  async (stack, service) => {
    const hold = await holdProvider(stack, route)
    let lock: TableLock | null = null
    return {
      async reached() {
        await hold.reached()
        lock = await lockTable(stack.sql(service), 'work', 'share')
        await hold.letGo()
        await lock.waitedFor()
      },
      release: async () => lock?.endWaiters(),
    }
  }

async function holdProvider({ addresses }: Broken, route: string) {
  const faults = `${addresses.sandbox}/_sandbox/faults`
  await fetch(faults, { method: 'POST', body: JSON.stringify({ route, kind: 'latency', ms: 9_000 }) })
  return {
    reached: async () => {
      const waiting = async () => (await (await fetch(faults)).json()) as { faults: { route: string }[] }
      await until(
        waiting,
        (now) => now.faults.every((fault) => fault.route !== route),
        `the provider to be asked for ${route}`,
      )
    },
    letGo: async () => void (await fetch(`${faults}?route=${route}`, { method: 'DELETE' })),
  }
}

export type TableLock = {
  /** Resolves when a transaction waits for the table. */
  waitedFor(): Promise<void>
  letGo(): Promise<void>
  /** Terminates the waiters and keeps the lock; resolves when they are gone. */
  refuseWaiters(): Promise<void>
  /** Terminates the waiters, as a server does whose clients are gone, and releases the lock. */
  endWaiters(): Promise<void>
}

/** Locks a table against everyone else. */
export async function lockTable(sql: postgres.Sql, table: string, mode: LockMode): Promise<TableLock> {
  const held = Promise.withResolvers<void>()
  const isLocked = Promise.withResolvers<void>()
  const holding = sql.begin(async (tx) => {
    await tx`set local transaction_timeout = 0`
    await tx`set local idle_in_transaction_session_timeout = 0`
    await tx.unsafe(`lock table ${table} in ${mode} mode`)
    isLocked.resolve()
    await held.promise
  })
  holding.catch(isLocked.reject)
  await isLocked.promise
  const waiters = () => sql<{ pid: number }[]>`
    select pid from pg_locks where relation = ${table}::text::regclass and not granted`
  const terminate = async () => {
    const found = await waiters()
    for (const { pid } of found) await sql`select pg_terminate_backend(${pid})`
    return found.map(({ pid }) => pid)
  }
  const letGo = async () => {
    held.resolve()
    await holding
  }
  return {
    waitedFor: async () => void (await until(waiters, ({ length }) => length > 0, `somebody to wait for ${table}`)),
    letGo,
    async refuseWaiters() {
      const pids = await terminate()
      await until(waiters, (left) => left.every(({ pid }) => !pids.includes(pid)), `those who wait for ${table} to end`)
    },
    async endWaiters() {
      await terminate()
      await letGo()
    },
  }
}

async function countOf(sql: postgres.Sql, table: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from ${sql(table)}`
  return row!.count
}

const more = async (sql: postgres.Sql, table: string, than: number) =>
  void (await until(
    () => countOf(sql, table),
    (count) => count > than,
    `a new row of ${table}`,
  ))
