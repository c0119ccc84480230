// `npm start`: the whole marketplace in one process group, from nothing but this repository.

import { resolve } from 'node:path'
import { ensureDatabases } from './databases.ts'
import { startPostgres } from './postgres.ts'
import { runMarketplace } from './run-marketplace.ts'
import { removeRunning } from './running.ts'
import { services, startStack } from './stack.ts'

await runMarketplace(async ({ settings, dataDir, keys, config, sandboxPort, log, closers }) => {
  const pg = await startPostgres({
    dataDir: resolve(dataDir, 'postgres'),
    log: (line) => log.debug({ postgres: line }),
  })
  closers.push(() => pg.stop())
  pg.ended.then(async (error) => {
    if (!error) return
    // Nothing can be finished without it; the next start goes on from what was committed.
    console.error(`${error.message}. Ending; start again.`)
    await removeRunning(dataDir).catch(() => {})
    process.exit(1)
  })
  await ensureDatabases(
    pg,
    services.map(({ name }) => name),
  )
  const databaseUrl = (service: string, role = service) =>
    `${pg.url(service, role)}?host=${encodeURIComponent(pg.socketDir)}`
  const stack = await startStack({
    port: settings.PORT,
    databaseUrl,
    keys,
    sandboxDir: resolve(dataDir, 'stripe-sandbox'),
    sandboxPort,
    config,
    web: true,
    log,
  })
  closers.push(() => stack.stop())
  return { ...stack, databaseUrl }
})
