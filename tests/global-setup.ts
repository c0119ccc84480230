// The server that every test clones its databases from.

import type { TestServer } from '@aisle/kit/testing/databases'
import type { TestProject } from 'vitest/node'
import { startTestPostgres } from './test-postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestServer
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...server } = await startTestPostgres()
  project.provide('postgres', server)
  return stop
}
