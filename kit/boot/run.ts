// The program of a service: `node services/orders/main.ts` runs it. `... main.ts migrate` brings its database up to
// date and exits, which is the step before a roll-out. `... main.ts snapshot` emits the state of everything again,
// for a listener whose database is new or lost, and exits. So does a task of the service's own.

import { snapshotOf } from '../bus/snapshot.ts'
import { baseConfig, ConfigError, environment, readConfig } from '../config.ts'
import { isTransient } from '../db/database.ts'
import { inDatabase } from '../db/in-database.ts'
import { refusePooler } from '../db/pooler.ts'
import { createLog } from '../log.ts'
import { stopOnSignal } from './lifecycle.ts'
import type { AnyService } from './service.ts'
import { migrateService, start } from './start.ts'

/** An orchestrator gives a process 30 s to stop; this leaves a margin for the process itself. */
const stopWithinMs = 25_000

/**
 * Runs a service as this process, configured from its environment, until a signal. Exits with 1 and one sentence
 * when it cannot start.
 */
export async function run(definition: AnyService): Promise<void> {
  const values = environment()
  try {
    const [, , task, ...args] = process.argv
    const own = task === undefined ? undefined : definition.tasks?.[task]
    if (task === 'migrate' || task === 'snapshot' || own) {
      const { DATABASE_URL } = baseConfig([])
      const url = readConfig({ DATABASE_URL }, values).DATABASE_URL
      const log = createLog(definition.name, 'info')
      await refusePooler(url)
      if (task === 'migrate') return await migrateService(definition, url, log)
      if (own) return console.log(await inDatabase(url, `${definition.name} ${task}`, (db) => own(db, args)))
      const count = await snapshotOf(url, definition.name, definition.snapshot ?? [])
      return log.info({ count }, 'a snapshot was published')
    }
    const running = await start(definition, values)
    stopOnSignal(() => running.stop(), stopWithinMs)
  } catch (error) {
    // One sentence where the cause is known; an orchestrator retries.
    if (error instanceof ConfigError) console.error(error.message)
    else if (isTransient(error))
      console.error(`${definition.name} cannot start, its database cannot be reached: ${(error as Error).message}`)
    else console.error(error)
    process.exitCode = 1
  }
}
