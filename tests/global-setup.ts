// The servers of a whole run: the one that every test clones its databases from and, with TEST_BUS=nats, the broker of every world.

import type { TestServer } from '@aisle/kit/testing/databases'
import { startTestBroker } from '@aisle/kit/testing/nats'
import type { TestProject } from 'vitest/node'
import { startTestPostgres } from './test-postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestServer
    /** For BUS_URL, or null where worlds have no broker. */
    busUrl: string | null
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...server } = await startTestPostgres()
  const broker = process.env.TEST_BUS === 'nats' ? await startTestBroker() : null
  project.provide('postgres', server)
  project.provide('busUrl', broker?.url ?? null)
  return async () => {
    await stop()
    await broker?.[Symbol.asyncDispose]()
  }
}
