// Numbered SQL files, forward only. Two sets per database: the kit's tables and the service's own.
//
// 1. One advisory lock, so that two replicas that start together migrate once.
// 2. Each file is a transaction of its own: it is applied completely or not at all, and files applied before a
//    failing one stay. A file that alters a table builds no index on it: readers, whom only the alteration keeps out,
//    would wait for the index.
// 3. Every applied file is recorded with its checksum; an edited one is refused.
// 4. A database with a file that this code does not know is newer than the code. It is refused, unless each such file
//    declared when it was applied that older code can live with it: its first line is `-- compatible: <why>`. So
//    replicas of the previous version may start during a roll-out, and again after a roll-back.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type postgres from 'postgres'
import type { Log } from '../log.ts'
import { connect } from './connect.ts'

const lockKey = 4_135_001
const compatibleMark = /^-- compatible: \S/

/** A database that must not be migrated or used by this version of the code. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

type MigrationFile = { set: string; name: string; sql: string; checksum: string; compatible: boolean }
type Applied = Omit<MigrationFile, 'sql'>

/**
 * Applies the files in `folders` (set name to folder) to the database at `url`. A database that is newer than the
 * code by compatible files only is left as it is, with a warning in the log.
 * @throws {MigrationError} when a file was edited after it was applied, or the database is newer than the code can
 *   live with
 */
export async function migrate(url: string, folders: Record<string, URL>, log?: Pick<Log, 'warn'>): Promise<void> {
  const files = (await Promise.all(Object.entries(folders).map(([set, folder]) => readSet(set, folder)))).flat()
  const sql = connect(url, { max: 1 })
  try {
    const unapplied = await inTurn(sql, async (tx) => {
      await tx`create table if not exists migrations (
        set text not null, name text not null, checksum text not null, applied_at timestamptz not null default now(),
        constraint migrations_pkey primary key (set, name))`
      // Migrations from before this column existed have recorded nothing; the file, which has not changed, still
      // says it. The column is looked up first, since an alteration, even one without effect, waits for every
      // reader of the table, such as a backup.
      const [column] = await tx`
        select from pg_attribute
        where attrelid = 'migrations'::regclass and attname = 'compatible' and not attisdropped`
      if (!column) await tx`alter table migrations add column compatible boolean not null default false`
      const applied = await tx<Applied[]>`select set, name, checksum, compatible from migrations order by set, name`
      const unapplied = files.filter((file) => !applied.some((row) => isSame(row, file)))
      const unknown = applied.filter((row) => !files.some((file) => isSame(row, file)))
      refuseNewer(unknown, unapplied)
      for (const row of applied) {
        const file = files.find((known) => isSame(row, known))
        if (!file) continue
        if (file.checksum !== row.checksum)
          throw new MigrationError(
            `Migration ${nameOf(row)} was changed after it was applied. Put it back and add a new file instead.`,
          )
        if (file.compatible && !row.compatible)
          await tx`update migrations set compatible = true where set = ${row.set} and name = ${row.name}`
      }
      if (unknown.length > 0)
        log?.warn(
          { migrations: unknown.map(nameOf) },
          'the database is newer than this version, by compatible migrations',
        )
      return unapplied
    })
    // A transaction each, so that no file waits for a lock while it holds those of the files before it.
    for (const file of unapplied) await inTurn(sql, (tx) => apply(tx, file))
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Runs `work` in a transaction under the advisory lock: one process after the other. */
const inTurn = <T>(sql: postgres.Sql, work: (tx: postgres.TransactionSql) => Promise<T>) =>
  sql.begin(async (tx) => {
    // The role's limit is for requests; a migration of a large table may take longer.
    await tx`set local transaction_timeout = 0`
    await tx`select pg_advisory_xact_lock(${lockKey})`
    return work(tx)
  })

async function apply(
  tx: postgres.TransactionSql,
  { set, name, sql, checksum, compatible }: MigrationFile,
): Promise<void> {
  // Another process may have applied it in between.
  const [known] = await tx`select from migrations where set = ${set} and name = ${name}`
  if (known) return
  await tx.unsafe(sql)
  await tx`insert into migrations (set, name, checksum, compatible)
    values (${set}, ${name}, ${checksum}, ${compatible})`
}

/**
 * Files of this code that the database lacks mean another line of development, not an older version: whether the
 * two go together is unknown.
 */
function refuseNewer(unknown: readonly Applied[], unapplied: readonly MigrationFile[]): void {
  const refused = unknown.find(({ compatible }) => !compatible)
  if (refused)
    throw new MigrationError(
      `The database has migration ${nameOf(refused)}, which this version does not know: it is newer than the code. Start the newer version.`,
    )
  if (unknown[0] && unapplied[0])
    throw new MigrationError(
      `The database has migration ${nameOf(unknown[0])}, which this version does not know, and not ${nameOf(unapplied[0])}, which it does: it is newer than the code, and of another line. Start a version that has both.`,
    )
}

type Named = Pick<MigrationFile, 'set' | 'name'>
const isSame = (one: Named, other: Named) => one.set === other.set && one.name === other.name
const nameOf = ({ set, name }: Named) => `${set}/${name}`

async function readSet(set: string, folder: URL): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8')
      const checksum = createHash('sha256').update(sql).digest('hex')
      return { set, name, sql, checksum, compatible: compatibleMark.test(sql) }
    }),
  )
}
