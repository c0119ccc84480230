import { inject } from 'vitest'
import { createLog } from '../log.ts'
import { cloneDatabases } from '../testing/databases.ts'
import { describeBus } from './bus-suite.ts'
import { postgresBus } from './postgres-bus.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')

describeBus('postgres', async () => {
  const databases = await cloneDatabases(inject('postgres'), ['alpha', 'beta'])
  const outboxUrls = { alpha: databases.url('alpha', 'alpha_reader') }
  const open = (url: string, sql: Parameters<typeof postgresBus>[0]['sql']) =>
    postgresBus({ url, outboxUrls, sql, applicationName: 'suite', log })
  return {
    publisherUrl: databases.url('alpha'),
    listenerUrl: databases.url('beta'),
    publishing: () => open(databases.url('alpha'), undefined as never),
    listening: (db) => open(databases.url('beta'), db.sql),
    [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
  }
})
