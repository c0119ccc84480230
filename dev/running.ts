// Where a running stack can be reached, for the commands beside it. Written at its start, removed at its end,
// readable by its owner only.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { environment, readConfig } from '@aisle/kit/config'
import { connect } from '@aisle/kit/db/connect'
import type postgres from 'postgres'
import { devConfig } from './config.ts'

export type RunningStack = {
  url: string
  pid: number
  addresses: Record<string, string>
  databases: Record<string, string>
}

const fileIn = (dataDir: string) => join(dataDir, 'running.json')

/** Records how the stack that runs on `dataDir` can be reached. */
export async function writeRunning(dataDir: string, running: RunningStack): Promise<void> {
  await writeFile(fileIn(dataDir), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 })
}

/** Removes that record. */
export const removeRunning = (dataDir: string): Promise<void> => rm(fileIn(dataDir), { force: true })

/**
 * Opens the databases of the stack that runs on DATA_DIR.
 * @throws when none runs there
 */
export async function openRunning(): Promise<
  AsyncDisposable & { sql(service: string): postgres.Sql; url(service: string): string }
> {
  const { DATA_DIR } = readConfig(devConfig, environment())
  const running = await readFile(fileIn(DATA_DIR), 'utf8').then(
    (text) => JSON.parse(text) as RunningStack,
    () => null,
  )
  if (!running)
    throw new Error(`Nothing runs on the data in ${DATA_DIR}; start it with "npm start" first, or set DATA_DIR.`)
  const open = new Map(
    Object.entries(running.databases).map(([service, url]) => [
      service,
      connect(url, { max: 1, answerWithinMs: null }),
    ]),
  )
  return {
    sql: (service) => open.get(service)!,
    url: (service) => running.databases[service]!,
    async [Symbol.asyncDispose]() {
      for (const sql of open.values()) await sql.end({ timeout: 2 })
    },
  }
}
