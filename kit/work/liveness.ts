// Liveness of workers. A worker that takes a row writes its number into it. Whether that worker still lives is
// known without a heartbeat: each holds an advisory lock for as long as its connection lives, and PostgreSQL
// releases it the moment the process dies, even by kill -9.

import { randomInt } from 'node:crypto'
import { connect, keepalives } from '../db/connect.ts'
import type { Sql } from '../db/database.ts'

/**
 * First key of the lock; the second is the worker's number. `present_workers()` in the kit's migrations reads the
 * same.
 */
const lockClass = 1_634_300_012

export type Liveness = {
  /** The number that is written into rows that this process has taken. */
  readonly worker: number
  /** Makes sure that the lock is held, even after the connection was lost; call it before taking rows. */
  confirm(): Promise<void>
  close(): Promise<void>
}

/** Announces this process to the others on the same database. It needs its own connection, which no pooler shares. */
export async function announceLiveness(url: string, applicationName: string): Promise<Liveness> {
  const worker = randomInt(1, 2 ** 31 - 1)
  const sql = connect(url, {
    max: 1,
    answerWithinMs: 10_000,
    idle_timeout: 0,
    max_lifetime: null,
    connection: { application_name: `${applicationName} liveness`, ...keepalives },
  })
  // An earlier connection of this process may still hold the lock, on a link that has fallen silent: until the
  // server gives that up, this process counts as alive anyway.
  const confirm = async () => {
    await sql`
      select pg_try_advisory_lock(${lockClass}::int, ${worker}::int)
      where not exists (
        select 1 from pg_locks
        where pid = pg_backend_pid() and locktype = 'advisory'
          and classid = ${lockClass}::int::oid and objid = ${worker}::int::oid)`
  }
  await confirm()
  return { worker, confirm, close: () => sql.end({ timeout: 5 }) }
}

/**
 * A condition on rows, qualified with `table` where the column would be ambiguous: no live worker has taken the
 * row.
 */
export const notTaken = (sql: Sql, table?: string) => {
  const column = table === undefined ? sql`taken_by` : sql`${sql(table)}.taken_by`
  return sql`(${column} is null or ${column} <> all ((select present_workers())::int[]))`
}
