// The SQL for external database servers creates the same databases, roles and restrictions as `npm start`.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { services } from '@aisle/contracts/endpoint'
import { ensureDatabases } from '@aisle/dev/databases'
import { startPostgres } from '@aisle/dev/postgres'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { databasesSql } from '../infra/postgres/databases-sql.ts'

/** Everything about databases and roles except the passwords. */
async function catalog(url: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return {
      roles: await sql`
        select rolname, rolsuper, rolcanlogin, rolcreatedb, rolcreaterole,
          array(select unnest(setconfig) order by 1) as settings
          from pg_roles left join pg_db_role_setting on setrole = pg_roles.oid order by 1`,
      everybody: await sql`select unnest(setconfig) as setting from pg_db_role_setting where setrole = 0`,
      databases: await sql`
        select datname, pg_get_userbyid(datdba) as owner, array(select unnest(datacl)::text order by 1) as acl
        from pg_database order by 1`,
    }
  } finally {
    await sql.end()
  }
}

async function catalogAfter(make: (pg: Awaited<ReturnType<typeof startPostgres>>) => Promise<void>): Promise<unknown> {
  const dataDir = mkdtempSync(join(tmpdir(), 'aisle-sql-'))
  try {
    await using pg = await startPostgres({ dataDir, settings: { fsync: 'off' } })
    await make(pg)
    return await catalog(pg.adminUrl)
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

it('the databases are those of `npm start`', async () => {
  const ours = await catalogAfter((pg) => ensureDatabases(pg, [...services]))
  const written = await catalogAfter(async (pg) => {
    const sql = postgres(pg.adminUrl, { max: 1, onnotice: () => {} })
    // One at a time, as psql does: `create database` cannot run in a transaction.
    for (const statement of databasesSql(services, (role) => `it's ${role}`)
      .split(';\n')
      .filter(Boolean))
      await sql.unsafe(statement)
    await sql.end()
  })
  expect(written).toEqual(ours)
})
