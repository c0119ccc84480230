import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { cloneDatabases, type TestDatabases } from '../testing/databases.ts'
import { until } from '../testing/settled.ts'
import { connect } from './connect.ts'
import { MigrationError, migrate } from './migrate.ts'

let databases: TestDatabases
let folder: string
let sql: ReturnType<typeof connect>
const kit = new URL('../migrations/', import.meta.url)

beforeEach(async () => {
  warned.length = 0
  databases = await cloneDatabases(inject('postgres'), ['alpha'])
  folder = await mkdtemp(join(tmpdir(), 'aisle-migrations-'))
  sql = connect(databases.url('alpha'), { max: 1 })
  await write('0001_notes.sql', 'create table notes (n integer)')
  await write('0002_one.sql', 'insert into notes values (1)')
})
afterEach(async () => {
  await sql.end()
  await rm(folder, { recursive: true })
  await databases[Symbol.asyncDispose]()
})

const write = (name: string, text: string) => writeFile(join(folder, name), text)
const remove = (name: string) => rm(join(folder, name))
const warned: unknown[] = []
const log = { warn: (what: unknown) => void warned.push(what) }
const run = () => migrate(databases.url('alpha'), { kit, own: pathToFileURL(`${folder}/`) }, log)
const notes = async () => (await sql<{ n: number }[]>`select n from notes order by n`).map(({ n }) => n)

it('applies files once, in the order of their numbers', async () => {
  await write('0010_three.sql', 'insert into notes values (3)')
  await run()
  await run()
  expect(await notes()).toEqual([1, 3])
  await write('0011_four.sql', 'insert into notes values (4)')
  await run()
  expect(await notes()).toEqual([1, 3, 4])
})

it('migrates once when replicas start together', async () => {
  await Promise.all(Array.from({ length: 8 }, run))
  expect(await notes()).toEqual([1])
})

it('refuses a file that was changed after it was applied, by its name', async () => {
  await run()
  await write('0002_one.sql', 'insert into notes values (2)')
  await expect(run()).rejects.toThrow(MigrationError)
  await expect(run()).rejects.toThrow('own/0002_one.sql was changed')
  expect(await notes()).toEqual([1])
})

it('refuses a database that is newer than the code, and leaves it as it is', async () => {
  await run()
  await remove('0002_one.sql')
  await write('0003_more.sql', 'insert into notes values (3)')
  await expect(run()).rejects.toThrow('newer than the code')
  expect(await notes()).toEqual([1])
})

describe('a migration that declares older code compatible', () => {
  const column = '-- compatible: a column that may be empty\nalter table notes add column more text'

  it('lets older code start, with a warning that names it', async () => {
    await write('0003_more.sql', column)
    await run()
    expect(warned).toEqual([])
    await remove('0003_more.sql')
    await run()
    expect(warned).toEqual([{ migrations: ['own/0003_more.sql'] }])
  })

  it('does so for itself alone: a migration without the declaration still refuses older code', async () => {
    await write('0003_more.sql', column)
    await write('0004_less.sql', 'alter table notes drop column more')
    await run()
    await remove('0003_more.sql')
    await remove('0004_less.sql')
    await expect(run()).rejects.toThrow('own/0004_less.sql, which this version does not know')
    await write('0003_more.sql', column)
    await expect(run()).rejects.toThrow('own/0004_less.sql, which this version does not know')
    expect(warned).toEqual([])
  })

  it('declares it in the first line, with a reason', async () => {
    await write('0003_more.sql', `-- More of each note.\n${column}`)
    await write('0004_less.sql', '-- compatible:\nselect 1')
    await run()
    await remove('0004_less.sql')
    await expect(run()).rejects.toThrow('0004_less.sql')
    await write('0004_less.sql', '-- compatible:\nselect 1')
    await remove('0003_more.sql')
    await expect(run()).rejects.toThrow('0003_more.sql')
  })

  it('is not enough for code of another branch, which has files that the database lacks', async () => {
    await write('0003_more.sql', column)
    await run()
    await remove('0003_more.sql')
    await write('0003_other.sql', 'insert into notes values (3)')
    await expect(run()).rejects.toThrow(
      'own/0003_more.sql, which this version does not know, and not own/0003_other.sql',
    )
    expect(await notes()).toEqual([1])
  })

  it('also counts when code that could not record it applied it, once newer code has run', async () => {
    await write('0003_more.sql', column)
    await run()
    await sql`alter table migrations drop column compatible`
    await remove('0003_more.sql')
    await expect(run()).rejects.toThrow('0003_more.sql')
    await write('0003_more.sql', column)
    await run()
    await remove('0003_more.sql')
    await run()
    expect(warned).toEqual([{ migrations: ['own/0003_more.sql'] }])
  })
})

it('applies a failing file not even in part, and keeps those before it', async () => {
  await write('0003_broken.sql', 'insert into notes values (2); insert into nowhere values (3)')
  await expect(run()).rejects.toThrow('nowhere')
  expect(await notes()).toEqual([1])
  await write('0003_broken.sql', 'insert into notes values (3)')
  await run()
  expect(await notes()).toEqual([1, 3])
})

it('waits for users of a table without blocking others from the tables of the file before', async () => {
  await run()
  const [writer, reader] = [1, 2].map(() => connect(databases.url('alpha'), { max: 1 })) as [typeof sql, typeof sql]
  await write('0003_index.sql', 'create index notes_n on notes (n)')
  await write('0004_column.sql', 'alter table notes add column more text')
  try {
    const migrated = await writer.begin(async (tx) => {
      await tx`select from notes`
      const under = run()
      const waits = () => reader`select from pg_locks where not granted and mode = 'AccessExclusiveLock'`
      await until(waits, (rows) => rows.length > 0, 'the second file to wait for who reads')
      // The lock of the first file, which keeps writers out, is gone.
      await tx`insert into notes values (4)`
      return { under }
    })
    await migrated.under
    expect(await notes()).toEqual([1, 4])
  } finally {
    await Promise.all([writer.end(), reader.end()])
  }
})
