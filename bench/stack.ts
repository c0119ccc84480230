// A fresh marketplace in its own process, filled as a row needs it, with a client for people and one for its
// databases.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@aisle/dev/free-port'
import type { Keys } from '@aisle/dev/keys'
import type { RunningStack } from '@aisle/dev/running'
import { connect } from '@aisle/kit/db/connect'
import { sessionIssuer, sessionSeconds } from '@aisle/kit/http/session'
import { newId } from '@aisle/kit/time/ids'
import { importJWK, type JWK, SignJWT } from 'jose'
import type postgres from 'postgres'
import { isSandboxApart } from './processes.ts'

export const sellerId = '01900000-0000-7000-8000-00000000beef'

export type BenchStack = AsyncDisposable & {
  readonly url: string
  readonly databases: Record<string, string>
  readonly addresses: Record<string, string>
  readonly pid: number
  /** Where the stack keeps its data. */
  readonly dataDir: string
  sql(service: string): postgres.Sql
  /** Cookies of `count` new buyers. */
  buyers(count: number): Promise<string[]>
  /** Lists `count` tickets of one seller directly in the databases of tickets and orders; resolves to their ids. */
  tickets(count: number): Promise<string[]>
}

export type BenchStackOptions = {
  /** `dev/start.ts`, one process, or `dev/distributed.ts`, several. */
  program?: string
  /** The folder of the repository, or of another commit of it. */
  root?: string
  /** Whether the payment sandbox is a process of its own, so that its cost can be told from ours. */
  sandboxApart?: boolean
  /** Further settings. */
  env?: Readonly<Record<string, string>>
}

const repository = fileURLToPath(new URL('..', import.meta.url))
const apart = new URL('./sandbox-apart.ts', import.meta.url).href

/** Starts the marketplace on an empty directory. */
export async function startBenchStack(options: BenchStackOptions = {}): Promise<BenchStack> {
  const { program = 'dev/start.ts', root = repository, sandboxApart = true, env = {} } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'aisle-bench-'))
  const port = await freePort()
  const child = spawn(process.execPath, [...(sandboxApart ? ['--import', apart] : []), program], {
    cwd: root,
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: String(port),
      SEED: '0',
      RATE_LIMIT: 'off',
      UNCONFIRMED_ADDRESSES: 'free',
      // This measures our code, not the provider's limit.
      PROVIDER_CALLS_PER_SECOND: '10000',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const stop = async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    await rm(dataDir, { recursive: true, force: true })
  }
  const running = await untilRunning(child, dataDir, sandboxApart).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const open = new Map(
    Object.entries(running.databases).map(([name, url]) => [name, connect(url, { max: 2, answerWithinMs: null })]),
  )
  const sql = (service: string) => open.get(service)!
  let listed = 0
  return {
    url: running.url,
    databases: running.databases,
    addresses: running.addresses,
    pid: child.pid!,
    dataDir,
    sql,
    async buyers(count) {
      // Signed here with the stack's own key: hashing a thousand passwords is not the subject.
      const { sessionPrivateKey } = JSON.parse(await readFile(join(dataDir, 'keys.json'), 'utf8')) as Keys
      const jwk = JSON.parse(sessionPrivateKey) as JWK
      const key = await importJWK(jwk, 'EdDSA')
      const now = Math.floor(Date.now() / 1000)
      const sign = () =>
        new SignJWT({ role: 'user', name: 'Buyer', auth_time: now })
          .setProtectedHeader({ alg: 'EdDSA', ...(jwk.kid ? { kid: jwk.kid } : {}) })
          .setSubject(newId())
          .setIssuer(sessionIssuer)
          .setIssuedAt(now)
          .setExpirationTime(now + sessionSeconds)
          .sign(key)
      const tokens = await Promise.all(Array.from({ length: count }, sign))
      return tokens.map((token) => `session=${token}`)
    },
    async tickets(count) {
      const from = listed + 1
      listed += count
      const id = (n: string) => `('01910000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`
      await sql('tickets').unsafe(
        `insert into users (id, version, name) values ('${sellerId}', 1, 'Seller') on conflict do nothing`,
      )
      await sql('tickets').unsafe(
        // With all that jobs would add: they would run beside what is measured.
        `insert into tickets (id, version, title, price, currency, seller_id, status, seat_key, search, search_version,
           created_at, updated_at)
         select ${id('n')}, 1, 'Ticket', 5000, 'usd', '${sellerId}', 'listed', '', '', 1, now(), now()
         from generate_series(${from}, ${listed}) n`,
      )
      await sql('orders').unsafe(
        `insert into tickets (id, version, status, seller_id, title, price, currency)
         select ${id('n')}, 1, 'listed', '${sellerId}', 'Ticket', 5000, 'usd'
         from generate_series(${from}, ${listed}) n`,
      )
      const ids = Array.from(
        { length: count },
        (_, i) => `01910000-0000-7000-8000-${(from + i).toString(16).padStart(12, '0')}`,
      )
      // Shuffled: a crowd does not buy in listing order.
      return ids
        .map((id) => ({ id, at: Math.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ id }) => id)
    },
    async [Symbol.asyncDispose]() {
      for (const connection of open.values()) await connection.end({ timeout: 2 })
      await stop()
    },
  }
}

async function untilRunning(child: ChildProcess, dataDir: string, sandboxApart: boolean): Promise<RunningStack> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The stack ended with code ${child.exitCode} while starting.`)
    const text = await readFile(join(dataDir, 'running.json'), 'utf8').catch(() => null)
    if (text && isSandboxApart(child.pid!) !== sandboxApart)
      throw new Error(`The payment sandbox ${sandboxApart ? 'has no' : 'has a'} process of its own.`)
    if (text) return JSON.parse(text) as RunningStack
    await sleep(50)
  }
}

/** A request that takes longer is lost, and its row with it. */
const patienceMs = 60_000

export type Reply = {
  status: number
  body: string
  /** The cookies that it sets, as they are sent back. */
  cookies: string[]
}

/** A client on node:http: fetch costs several times as much, and the load shares the machine with what is measured. */
export function createClient(origin: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections })
  const { hostname, port } = new URL(origin)
  return {
    send: (method: string, path: string, cookie: string, body?: unknown): Promise<Reply> =>
      new Promise((resolve, reject) => {
        const payload = body === undefined ? '' : JSON.stringify(body)
        const headers =
          body === undefined
            ? { cookie }
            : {
                cookie,
                'content-type': 'application/json',
                'content-length': Buffer.byteLength(payload),
                'idempotency-key': crypto.randomUUID(),
              }
        const sent = request({ agent, hostname, port, method, path, headers }, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () => {
            const cookies = (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]!)
            resolve({ status: response.statusCode ?? 0, body: text, cookies })
          })
        })
        sent.setTimeout(patienceMs, () => sent.destroy(new Error(`${method} ${path} got no answer in a minute.`)))
        sent.on('error', reject)
        sent.end(payload)
      }),
    close: () => agent.destroy(),
  }
}
