// `npm start`: the whole marketplace in one process group, from nothing but this repository.

import { resolve } from 'node:path'
import { keepPostgres } from './kept-postgres.ts'
import { runMarketplace } from './run-marketplace.ts'
import { services, startStack } from './stack.ts'

await runMarketplace(async ({ settings, dataDir, keys, config, sandboxPort, log, closers }) => {
  const pg = await keepPostgres(
    resolve(dataDir, 'postgres'),
    services.map(({ name }) => name),
    log,
  )
  closers.push(() => pg.stop())
  const databaseUrl = (service: string, role?: string) =>
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
