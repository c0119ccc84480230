// What `npm start` and `npm run up:distributed` have in common: settings, signals, demo data, and the output for
// the person who starts them.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { stopOnSignal } from '@aisle/kit/boot/lifecycle'
import { type Config, ConfigError, environment, readConfig } from '@aisle/kit/config'
import { createLog, type Log } from '@aisle/kit/log'
import { doTask } from './accounts.ts'
import { devConfig } from './config.ts'
import { type Keys, openKeys } from './keys.ts'
import { removeRunning, writeRunning } from './running.ts'
import { adminLogin, demoLogins, seed } from './seed.ts'
import { services } from './stack.ts'

/** Ctrl-C promises an end within 10 s; this leaves a margin for the process itself. */
const stopWithinMs = 9_000

type Settings = Config<typeof devConfig>
type Marketplace = {
  readonly url: string
  /** Where each part listens, for the operator. */
  readonly addresses: Readonly<Record<string, string>>
  databaseUrl(service: ServiceName): string
}
type Surroundings = {
  settings: Settings
  dataDir: string
  keys: Keys
  /** The configuration of every service. */
  config: Record<string, string | number>
  /** Port of the sandbox, if it is free: a payment page from the previous run still works then. */
  sandboxPort: number
  log: Log
  /** To be closed at the end, the last one first. */
  closers: (() => Promise<unknown>)[]
}

/** Starts a marketplace as this process, until a signal; exits with 1 and one sentence when it cannot start. */
export async function runMarketplace(
  startIt: (around: Surroundings) => Promise<Marketplace>,
  defaultDataDir?: string,
): Promise<void> {
  const closers: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (let close = closers.pop(); close; close = closers.pop()) await close()
  }
  try {
    const settings = await readSettings(defaultDataDir)
    const dataDir = resolve(settings.DATA_DIR)
    stopOnSignal(async () => {
      console.log('\nStopping: finishing what is under way ...')
      await stop()
      console.log('Stopped.')
    }, stopWithinMs)

    console.log('Starting Aisle ...')
    await mkdir(dataDir, { recursive: true }).catch((error: Error) => {
      throw new Error(`The data directory ${dataDir} cannot be made; set DATA_DIR to one that can.`, { cause: error })
    })
    const { PORT: _, DATA_DIR: __, SEED: ___, ...config } = settings
    const marketplace = await startIt({
      settings,
      dataDir,
      keys: await openKeys(dataDir),
      config: {
        ...config,
        ...(settings.SEED === 1 ? { ADMIN_EMAIL: adminLogin.email, ADMIN_PASSWORD: adminLogin.password } : {}),
      },
      sandboxPort: await lastSandboxPort(dataDir),
      log: createLog('aisle', config.LOG_LEVEL),
      closers,
    })
    const { url, addresses } = marketplace
    await writeFile(join(dataDir, 'sandbox-port'), new URL(addresses.sandbox ?? '').port)
    const databases = Object.fromEntries(services.map(({ name }) => [name, marketplace.databaseUrl(name)]))
    await writeRunning(dataDir, { url, pid: process.pid, addresses, databases })
    closers.push(() => removeRunning(dataDir))
    if (settings.SEED === 1)
      await seed(url, dataDir, (email) => doTask(marketplace.databaseUrl('auth'), 'confirm', email))
    introduce(addresses, settings, dataDir)
  } catch (error) {
    // One sentence for the person; the cause and the stack only where the sentence is not from this code.
    const { cause, stack, message } = error as Error
    const known = error instanceof ConfigError || cause !== undefined || !stack?.includes('node_modules')
    console.error(known ? message : error)
    await stop().catch(() => {})
    process.exit(1)
  }
}

async function lastSandboxPort(dataDir: string): Promise<number> {
  const port = Number(await readFile(join(dataDir, 'sandbox-port'), 'utf8').catch(() => '0'))
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
}

async function readSettings(defaultDataDir?: string): Promise<Settings> {
  const file = await readFile('.env', 'utf8').catch(() => '')
  const fallback = defaultDataDir === undefined ? {} : { DATA_DIR: defaultDataDir }
  return readConfig(devConfig, { ...fallback, ...parseEnv(file), ...environment() })
}

function introduce(addresses: Marketplace['addresses'], { PORT, SEED }: Settings, dataDir: string): void {
  const width = Math.max(...Object.keys(addresses).map(({ length }) => length)) + 1
  const rows = Object.entries(addresses).map(([name, url]) => `    ${name.padEnd(width)} ${url}`)
  const logins = [...demoLogins, adminLogin].map(({ email, password }) => `    ${email.padEnd(20)} ${password}`)
  console.log(
    [
      '',
      `  Aisle is ready on http://localhost:${PORT}`,
      `    API documents      http://localhost:${PORT}/api/docs`,
      `    Mailbox            http://localhost:${PORT}/dev/mail (every mail that is sent)`,
      `    Payment sandbox    ${addresses.sandbox} (no money moves; what was paid, and which webhooks went out)`,
      '',
      '  What runs where',
      ...rows,
      `    ${'data'.padEnd(width)} ${dataDir}`,
      ...(SEED === 1 ? ['', '  Demo logins', ...logins] : []),
      '',
      '  Ctrl-C stops everything.',
      '',
    ].join('\n'),
  )
}
