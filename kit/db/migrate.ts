// Numbered SQL files, forward only. Two sets a database: the kit's tables and the service's own.
//
// 1. One advisory lock, so that two replicas that start together migrate once.
// 2. Every applied file is remembered with its checksum; an edited one is refused.
// 3. A database that knows a file which this code does not is newer than the code; it is refused, never guessed at.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { connect } from './connect.ts'

const lockKey = 4_135_001

export class MigrationError extends Error {
  override name = 'MigrationError'
}

type MigrationFile = { set: string; name: string; sql: string; checksum: string }

/**
 * Brings the database at `url` up to the files in `folders` (set name to folder).
 * @throws {MigrationError} when a file was edited after it was applied, or the database is newer than the code
 */
export async function migrate(url: string, folders: Record<string, URL>): Promise<void> {
  const files = (await Promise.all(Object.entries(folders).map(([set, folder]) => readSet(set, folder)))).flat()
  const sql = connect(url, { max: 1 })
  try {
    await sql.begin(async (tx) => {
      // The role's limit is for requests; a migration of a large table takes what it takes.
      await tx`set local transaction_timeout = 0`
      await tx`select pg_advisory_xact_lock(${lockKey})`
      await tx`create table if not exists migrations (
        set text not null, name text not null, checksum text not null, applied_at timestamptz not null default now(),
        constraint migrations_pkey primary key (set, name))`
      const applied = await tx<
        { set: string; name: string; checksum: string }[]
      >`select set, name, checksum from migrations`
      for (const { set, name, checksum } of applied) {
        const file = files.find((f) => f.set === set && f.name === name)
        if (!file)
          throw new MigrationError(
            `The database has migration ${set}/${name}, which this version does not know: it is newer than the code. Start the newer version.`,
          )
        if (file.checksum !== checksum)
          throw new MigrationError(
            `Migration ${set}/${name} was changed after it was applied. Put it back and add a new file instead.`,
          )
      }
      for (const file of files) {
        if (applied.some((a) => a.set === file.set && a.name === file.name)) continue
        await tx.unsafe(file.sql)
        await tx`insert into migrations (set, name, checksum) values (${file.set}, ${file.name}, ${file.checksum})`
      }
    })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function readSet(set: string, folder: URL): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8')
      return { set, name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}
