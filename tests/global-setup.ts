// One PostgreSQL for the whole run, and one migrated template database a service; each test clones what it needs.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDatabases } from '@aisle/dev/databases'
import { startPostgres } from '@aisle/dev/postgres'
import { services } from '@aisle/dev/stack'
import { migrate } from '@aisle/kit/db/migrate'
import { migrateService } from '@aisle/kit/service'
import type { TestServer } from '@aisle/kit/testing/databases'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestServer
  }
}

/** Two databases with nothing but the kit's tables, for the kit's own tests. */
const plain = ['alpha', 'beta']

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'aisle-test-'))
  // The tests kill processes, never the machine: without fsync they are faster and see the same.
  const pg = await startPostgres({
    dataDir,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' },
  })
  await ensureDatabases(pg, [...services.map(({ name }) => name), ...plain])
  const kit = new URL('../kit/migrations/', import.meta.url)
  for (const service of services) await migrateService(service, pg.url(service.name, service.name))
  for (const name of plain) await migrate(pg.url(name, name), { kit })
  project.provide('postgres', { host: pg.host, port: pg.port, passwords: pg.address.passwords })
  return async () => {
    await pg.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
