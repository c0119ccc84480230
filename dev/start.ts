// `npm start`: the whole marketplace in one process group, from nothing but this repository.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { type Config, ConfigError, environment, readConfig } from '@aisle/kit/config'
import { stopOnSignal } from '@aisle/kit/lifecycle'
import { createLog } from '@aisle/kit/log'
import { devConfig } from './config.ts'
import { ensureDatabases } from './databases.ts'
import { openKeys } from './keys.ts'
import { startPostgres } from './postgres.ts'
import { removeRunning, writeRunning } from './running.ts'
import { adminLogin, demoLogins, seed } from './seed.ts'
import { services, startStack } from './stack.ts'

/** Ctrl-C promises an end within 10 s; this leaves a margin for the process itself. */
const stopWithinMs = 9_000

const closers: (() => Promise<unknown>)[] = []
async function stop(): Promise<void> {
  for (let close = closers.pop(); close; close = closers.pop()) await close()
}

async function main(): Promise<void> {
  const config = await readSettings()
  const dataDir = resolve(config.DATA_DIR)
  const log = createLog('aisle', config.LOG_LEVEL)
  stopOnSignal(async () => {
    console.log('\nStopping: finishing what is under way ...')
    await stop()
    console.log('Stopped.')
  }, stopWithinMs)

  console.log('Starting Aisle ...')
  await mkdir(dataDir, { recursive: true }).catch((error: Error) => {
    throw new Error(`The data directory ${dataDir} cannot be made; set DATA_DIR to one that can.`, { cause: error })
  })
  const pg = await startPostgres({
    dataDir: resolve(dataDir, 'postgres'),
    log: (line) => log.debug({ postgres: line }),
  })
  closers.push(() => pg.stop())
  await ensureDatabases(
    pg,
    services.map(({ name }) => name),
  )
  const databaseUrl = (service: string, role = service) =>
    `${pg.url(service, role)}?host=${encodeURIComponent(pg.socketDir)}`
  const stack = await startStack({
    port: config.PORT,
    databaseUrl,
    keys: await openKeys(dataDir),
    sandboxDir: resolve(dataDir, 'stripe-sandbox'),
    sandboxPort: await lastSandboxPort(dataDir),
    config: {
      LOG_LEVEL: config.LOG_LEVEL,
      ORDER_WINDOW_SECONDS: config.ORDER_WINDOW_SECONDS,
      RATE_LIMIT: config.RATE_LIMIT,
      PROVIDER_CALLS_PER_SECOND: config.PROVIDER_CALLS_PER_SECOND,
      PLATFORM_FEE_BASIS_POINTS: config.PLATFORM_FEE_BASIS_POINTS,
      ...(config.SEED === 1 ? { ADMIN_EMAIL: adminLogin.email, ADMIN_PASSWORD: adminLogin.password } : {}),
    },
    web: true,
    log,
  })
  closers.push(() => stack.stop())
  await writeFile(join(dataDir, 'sandbox-port'), new URL(stack.addresses.sandbox).port)
  const databases = Object.fromEntries(services.map(({ name }) => [name, databaseUrl(name)]))
  await writeRunning(dataDir, { url: stack.url, pid: process.pid, addresses: stack.addresses, databases })
  closers.push(() => removeRunning(dataDir))
  if (config.SEED === 1) await seed(stack.url, dataDir)
  pg.ended.then(async (error) => {
    if (!error) return
    // Nothing can be finished without it; the next start goes on from what was committed.
    console.error(`${error.message}. Ending; start again.`)
    await removeRunning(dataDir).catch(() => {})
    process.exit(1)
  })
  introduce(stack, config, dataDir)
}

/** Where the sandbox was the last time, so that a payment page that was open then is still there; 0 where there was none. */
async function lastSandboxPort(dataDir: string): Promise<number> {
  const port = Number(await readFile(join(dataDir, 'sandbox-port'), 'utf8').catch(() => '0'))
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
}

async function readSettings(): Promise<Config<typeof devConfig>> {
  const file = await readFile('.env', 'utf8').catch(() => '')
  return readConfig(devConfig, { ...parseEnv(file), ...environment() })
}

function introduce(
  stack: Awaited<ReturnType<typeof startStack>>,
  config: Config<typeof devConfig>,
  dataDir: string,
): void {
  const rows = Object.entries(stack.addresses).map(([name, url]) => `    ${name.padEnd(11)} ${url}`)
  const logins = [...demoLogins, adminLogin].map(({ email, password }) => `    ${email.padEnd(20)} ${password}`)
  console.log(
    [
      '',
      `  Aisle is ready on http://localhost:${config.PORT}`,
      `    API documents      http://localhost:${config.PORT}/api/docs`,
      `    Payment sandbox    ${stack.addresses.sandbox} (no money moves; what was paid, and which webhooks went out)`,
      '',
      '  What runs where',
      ...rows,
      `    data        ${dataDir}`,
      ...(config.SEED === 1 ? ['', '  Demo logins', ...logins] : []),
      '',
      '  Ctrl-C stops everything.',
      '',
    ].join('\n'),
  )
}

main().catch(async (error: Error) => {
  // One sentence for the person; the cause and the stack only where the sentence is not ours.
  const known = error instanceof ConfigError || error.cause !== undefined || !error.stack?.includes('node_modules')
  console.error(known ? error.message : error)
  await stop().catch(() => {})
  process.exit(1)
})
