// docs/tables.md lists every existing table, and its statements about indexes and jobs are true.

import { services } from '@aisle/dev/stack'
import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { readText } from './infra-files.ts'

type Row = { table: string; goesAfter: string; by: string; foundBy: string }

/** The rows of the page's two tables: those of `service.table`, and those of every service. */
const rows: Row[] = readText('docs/tables.md')
  .split('\n')
  .filter((line) => /^\| [a-z_.]+ \|/.test(line) && !line.startsWith('| table |'))
  .map((line) => {
    const [, table, , , , goesAfter, by, foundBy] = line.split('|').map((cell) => cell.trim())
    return { table: table!, goesAfter: goesAfter!, by: by!, foundBy: foundBy! }
  })
const names = services.map(({ name }) => name)

type There = { tables: string[]; indexes: string[] }
const there = new Map<string, There>()
beforeAll(async () => {
  await using databases = await cloneDatabases(inject('postgres'), names)
  for (const name of names) {
    const sql = connect(databases.url(name), { max: 1 })
    const tables = await sql<{ name: string }[]>`
      select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`
    const indexes = await sql<{ table: string; name: string }[]>`
      select tablename as table, indexname as name from pg_indexes where schemaname = 'public'`
    await sql.end()
    there.set(name, {
      tables: tables.map(({ name }) => name).sort(),
      indexes: indexes.map(({ table, name }) => `${table} ${name}`),
    })
  }
})

const documented = (service: string) =>
  rows
    .map(({ table }) => table)
    .flatMap((table) =>
      table.includes('.') ? (table.startsWith(`${service}.`) ? [table.split('.')[1]!] : []) : [table],
    )
    .sort()

describe('docs/tables.md', () => {
  it.for(names)('lists the tables of %s, all of them and no others', (name) => {
    expect(documented(name)).toEqual(there.get(name)!.tables)
  })

  it('names indexes that are on these tables', () => {
    const missing = rows.flatMap(({ table, foundBy }) => {
      const [service, bare] = table.includes('.') ? table.split('.') : [null, table]
      const [, index] = /`(\w+)`/.exec(foundBy) ?? []
      if (!index) return []
      const where = service ? [service] : names
      return where
        .filter((name) => !there.get(name)!.indexes.includes(`${bare} ${index}`))
        .map((name) => `${name}: ${index}`)
    })
    expect(missing).toEqual([])
  })

  it('says for each table what prunes it, or that it stays', () => {
    const jobs = new Set(['prune', 'forget work', ...services.flatMap(({ jobs = [] }) => jobs.map(({ name }) => name))])
    const stays = /^(never|one row|when they succeed)/
    for (const { table, goesAfter, by } of rows) {
      const [, job] = /`(.+)`/.exec(by) ?? []
      expect([table, job === undefined || jobs.has(job) ? job !== undefined : `no job ${job}`]).toEqual([
        table,
        !stays.test(goesAfter),
      ])
    }
  })
})
