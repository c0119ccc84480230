// The servers of a whole run: the PostgreSQL from which tests clone their databases and, if TEST_STACK requires
// one, the broker of every world.

import type { TestServer } from '@aisle/kit/testing/databases'
import { startTestBroker } from '@aisle/kit/testing/nats'
import type { TestProject } from 'vitest/node'
import { startTestPostgres } from './test-postgres.ts'
import { type StackKind, stackKinds } from './world-stack.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestServer
    /** For BUS_URL, or null if worlds have no broker. */
    busUrl: string | null
    stack: StackKind
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = stackKinds.find((kind) => kind === (process.env.TEST_STACK ?? 'single'))
  if (!stack) throw new Error(`TEST_STACK is one of ${stackKinds.join(', ')}, not ${process.env.TEST_STACK}.`)
  const { stop, ...server } = await startTestPostgres()
  const broker = stack === 'single' ? null : await startTestBroker()
  project.provide('postgres', server)
  project.provide('busUrl', broker?.url ?? null)
  project.provide('stack', stack)
  return async () => {
    await stop()
    await broker?.[Symbol.asyncDispose]()
  }
}
