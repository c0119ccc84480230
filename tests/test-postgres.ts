// One PostgreSQL for a whole test run, with one migrated template database per service.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDatabases } from '@aisle/dev/databases'
import { startPostgres } from '@aisle/dev/postgres'
import { services } from '@aisle/dev/stack'
import { migrateService } from '@aisle/kit/boot/start'
import { migrate } from '@aisle/kit/db/migrate'
import type { TestServer } from '@aisle/kit/testing/databases'

/** Two databases with only the kit's tables, for the kit's own tests. */
const plain = ['alpha', 'beta']

export async function startTestPostgres(): Promise<TestServer & { stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'aisle-test-'))
  // The tests kill processes, never the machine: without fsync they are faster and see the same.
  const pg = await startPostgres({
    dataDir,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '1000' },
  })
  await ensureDatabases(pg, [...services.map(({ name }) => name), ...plain])
  const kit = new URL('../kit/migrations/', import.meta.url)
  for (const service of services) await migrateService(service, pg.url(service.name, service.name))
  for (const name of plain) await migrate(pg.url(name, name), { kit })
  return {
    host: pg.host,
    port: pg.port,
    passwords: pg.address.passwords,
    async stop() {
      await pg.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
