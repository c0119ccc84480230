// A publisher whose database is on a server of its own, which a test takes back to an earlier state; and a listener
// on the server of all tests.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDatabases } from '@aisle/dev/databases'
import { startPostgres } from '@aisle/dev/postgres'
import { bringBack, keepPast, type Past } from '@aisle/dev/postgres-past'
import { inject } from 'vitest'
import { migrate } from '../db/migrate.ts'
import { cloneDatabases } from './databases.ts'

export type RewindablePublisher = AsyncDisposable & {
  url(role?: string): string
  /** URL of the listener's database. */
  listenerUrl: string
  /** Saves the present state of the server. */
  keep(): Promise<void>
  /** Stops the server and starts it in the saved state, at the same address. */
  goBack(): Promise<void>
}

/** Starts the publisher's server, and clones a database for the listener. Disposing removes both. */
export async function openRewindablePublisher(): Promise<RewindablePublisher> {
  const dataDir = await mkdtemp(join(tmpdir(), 'aisle-past-'))
  const settings = { max_connections: '100', shared_buffers: '16MB' }
  let pg = await startPostgres({ dataDir, settings })
  await ensureDatabases(pg, ['alpha'])
  await migrate(pg.url('alpha', 'alpha'), { kit: new URL('../migrations/', import.meta.url) })
  const databases = await cloneDatabases(inject('postgres'), ['beta'])
  let past: Past | null = null
  return {
    url: (role = 'alpha') => pg.url('alpha', role),
    listenerUrl: databases.url('beta'),
    async keep() {
      past = await keepPast(dataDir)
    },
    async goBack() {
      const { port } = pg
      await pg.stop()
      if (past) await bringBack(past)
      pg = await startPostgres({ dataDir, settings, port })
    },
    async [Symbol.asyncDispose]() {
      await pg.stop()
      await rm(dataDir, { recursive: true, force: true })
      await databases[Symbol.asyncDispose]()
    },
  }
}
