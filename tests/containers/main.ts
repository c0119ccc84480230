// npm run containers: compose.yaml unchanged, in real containers. Builds the images, starts everything, buys a
// ticket in a browser, kills containers while others buy, then stops and restarts everything and reconciles the
// ledger with the provider. Exits with 2 if no container can run.

import { execFile } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { parseArgs, promisify } from 'node:util'
import { type ServiceName, services } from '@aisle/contracts/endpoint'
import { connect } from '@aisle/kit/db/connect'
import { until } from '@aisle/kit/testing/settled'
import type postgres from 'postgres'
import { recover } from '../chaos/recover.ts'
import { startShopping } from '../chaos/shoppers.ts'
import { Client } from '../client.ts'
import { launchChromium } from '../e2e/chromium.ts'
import { Person } from '../e2e/person.ts'
import { watchPage } from '../e2e/watch-page.ts'
import { randomOf } from '../histories/random.ts'
import type { Readable } from '../invariants.ts'
import { anyDeclines, listTicket } from '../world.ts'
import { type Container, type Engine, NoContainers, startEngine } from './engine.ts'

const root = resolve(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: { seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) } },
})
const seed = Number(values.seed)
const url = 'https://localhost'
const payUrl = 'https://pay.localhost'
/** Short, to limit the wait for shoppers who leave a ticket reserved. */
const windowSeconds = 20
const [shoppers, beforeKillsMs, betweenKillsMs] = [4, 3_000, 1_000]
/** One container of each is killed. */
const victims = [...services, 'web', 'nats-2', 'caddy', 'postgres']
const programs = [...services, 'web', 'stripe-sandbox']

const began = performance.now()
const tell = (line: string) => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`)
const folder = await mkdtemp(join(tmpdir(), 'aisle-containers-'))
const secrets = join(folder, 'secrets')
const databases = new Map<ServiceName, postgres.Sql>()
const wrong: string[] = []
let engine: Engine | null = null
let cannot = false

/** Before the server stops: afterwards each connection would wait for it. */
const leaveDatabases = async () => {
  for (const sql of databases.values()) await sql.end({ timeout: 1 })
  databases.clear()
}
const end = async () => {
  await leaveDatabases()
  await engine?.compose('down', '--volumes', '--timeout', '5').catch((error: unknown) => wrong.push(String(error)))
  await engine?.end()
  await rm(folder, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    for (const sentence of wrong) console.error(sentence)
    void end().finally(() => process.exit(1))
  })

try {
  tell(`seed ${seed}`)
  engine = await makeEngine()
  // The remains of an earlier run that was killed.
  await engine.compose('down', '--volumes', '--timeout', '5')
  tell('starting')
  await engine.compose('up', '--detach', '--no-build')
  await everybodyIsWell()
  for (const container of await running(programs)) wrong.push(...(await notHardened(container)))
  await trustCaddy()
  await buyInBrowser()
  tell('bought in a browser')

  const pages = `http://${(await running(['stripe-sandbox']))[0]!.address}:8080`
  const shopping = startShopping(
    url,
    shoppers,
    (nth) => randomOf(seed * 1_000 + nth),
    (page) => page.replace(payUrl, pages),
  )
  await sleep(beforeKillsMs)
  for (const service of victims) await killOne(service)
  await shopping.stop()
  const stack = await look()
  const { sellingMs } = await recover.selling(stack)
  const { quietMs, left } = await recover.quiet(stack, windowSeconds)
  const { calls } = shopping
  tell(`${shopping.sold} sold, ${calls.made} calls of which ${calls.again} had to be made again`)
  tell(`a sale ${(sellingMs / 1000).toFixed(1)} s, quiet ${(quietMs / 1000).toFixed(1)} s after the last kill`)
  wrong.push(...shopping.wrong, ...left, ...(await shopping.brokenPromises(stack)), ...(await recover.wrong(stack)))

  await leaveDatabases()
  await engine.compose('stop')
  for (const { name, exitCode } of await containersOf(programs))
    if (exitCode !== 0)
      wrong.push(`${name} stopped with ${exitCode}; at last it wrote:\n${await engine.lastWords(name)}`)
  tell('stopped')
  await engine.compose('up', '--detach', '--no-build')
  await everybodyIsWell()
  const again = await look()
  await recover.selling(again)
  wrong.push(...(await shopping.brokenPromises(again)))
  tell('started again; what was sold is sold')
} catch (error) {
  cannot = error instanceof NoContainers
  wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  for (const { name, state, exitCode, health } of (await engine?.containers()) ?? [])
    tell(`${name}: ${state} ${state === 'running' ? health : exitCode}`)
} finally {
  await end()
}
tell(wrong.length === 0 ? 'nothing wrong' : `${wrong.length} wrong:\n  ${wrong.join('\n  ')}`)
// 2: not a fault of ours.
process.exit(wrong.length === 0 ? 0 : cannot ? 2 : 1)

/** An engine for compose.yaml, with separate secrets. */
async function makeEngine(): Promise<Engine> {
  await mkdir(secrets)
  await promisify(execFile)(process.execPath, [join(root, 'infra/make-secrets.ts'), '--out', secrets])
  // Shoppers are many people at one address, who read no mail, and many of their cards are declined.
  for (const name of services)
    await appendFile(
      join(secrets, `${name}.env`),
      'RATE_LIMIT=off\nUNCONFIRMED_ADDRESSES=free\nADMIN_SECOND_FACTOR=off\n',
    )
  for (const [key, value] of Object.entries(anyDeclines))
    await appendFile(join(secrets, 'payments.env'), `${key}=${value}\n`)
  const composeFile = join(folder, 'compose.yaml')
  // Debian's docker-compose is older than `name`.
  const text = (await readFile(join(root, 'compose.yaml'), 'utf8')).replace(/^name: .*\n/m, '')
  await writeFile(composeFile, text.replaceAll(/(\.\/)?infra\/\.data/g, secrets))
  return startEngine({
    folder: join(root, 'node_modules/.cache/aisle-containers'),
    project: 'aisle-test',
    composeFile,
    environment: { COMPOSE_PROFILES: 'sandbox', ORDER_WINDOW_SECONDS: String(windowSeconds) },
    tell,
  })
}

async function containersOf(names: readonly string[]): Promise<Container[]> {
  return (await engine!.containers()).filter(({ service }) => names.includes(service))
}
async function running(names: readonly string[]): Promise<Container[]> {
  return (await containersOf(names)).filter(({ state }) => state === 'running')
}

/** Secrets are distributed, migrations are done, everything that should run does, and its health check passes. */
async function everybodyIsWell(): Promise<void> {
  await until(
    async () =>
      (await engine!.containers()).flatMap(({ name, service, state, exitCode, health }) => {
        const isOnce = service === 'secrets' || service.startsWith('migrate-')
        const isWell = isOnce ? state === 'exited' && exitCode === 0 : state === 'running'
        // Caddy has no check; podman splits the sandbox's check at its spaces.
        const isHealthy = isOnce || ['caddy', 'stripe-sandbox'].includes(service) || health === 'healthy'
        return isWell && isHealthy ? [] : [`${name} is ${state}, ${health || exitCode}`]
      }),
    (unwell) => unwell.length === 0,
    'every container to be well',
    60_000,
  )
  tell(`${(await engine!.containers()).filter(({ state }) => state === 'running').length} containers are well`)
}

/** The guarantees of compose.yaml and the Dockerfile for a program's container, verified from inside. */
async function notHardened({ name }: Container): Promise<string[]> {
  const probe = `
    const { existsSync, openSync, readFileSync, writeFileSync } = require('node:fs')
    const status = readFileSync('/proc/1/status', 'utf8')
    const fails = (act) => { try { act(); return false } catch { return true } }
    const promises = {
      'is not root': process.getuid() === 1000,
      'has no capabilities': /CapEff:\\s+0+\\n/.test(status) && /CapBnd:\\s+0+\\n/.test(status),
      'gains no privileges': /NoNewPrivs:\\s+1/.test(status),
      'cannot change itself': fails(() => openSync('/app/main.ts', 'r+')),
      'has a root that is read-only': fails(() => writeFileSync('/data-or-root', '')) && / \\/ .*[ ,]ro[ ,]/.test(readFileSync('/proc/mounts', 'utf8')),
      'may write to /tmp': !fails(() => writeFileSync('/tmp/probe', '')),
      'has no npm': !existsSync('/usr/local/bin/npm') && !existsSync('/usr/local/lib/node_modules'),
    }
    console.log(JSON.stringify(Object.keys(promises).filter((promise) => !promises[promise])))`
  const broken = JSON.parse(await engine!.exec(name, ['node', '-e', probe])) as string[]
  return broken.map((promise) => `It is not so that ${name} ${promise}`)
}

/** Makes this process trust the certificate authority that Caddy created for itself. */
async function trustCaddy(): Promise<void> {
  const [caddy] = await running(['caddy'])
  const certificate = await engine!.exec(caddy!.name, ['cat', '/data/caddy/pki/authorities/local/root.crt'])
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificate])
}

async function buyInBrowser(): Promise<void> {
  const seller = await signedUp()
  const ticket = await listTicket(seller)
  const browser = await launchChromium()
  const context = await browser.newContext({ baseURL: url, ignoreHTTPSErrors: true, locale: 'en-GB' })
  const page = await context.newPage()
  const watch = watchPage(page, [url, payUrl])
  const buyer = new Person(page, watch, true)
  try {
    await buyer.opens(`/tickets/${ticket.id}`)
    await buyer.presses('Reserve this ticket')
    await buyer.follows('Create account')
    await buyer.fills({ Name: 'Ada', Email: `${crypto.randomUUID()}@aisle.test`, Password: 'a good password' })
    await buyer.presses('Create account')
    // By then the previous click has taken effect.
    await buyer.reads('Checkout')
    await buyer.presses(/^Pay /)
    await buyer.typesCard()
    await buyer.reads('You bought this ticket.')
    wrong.push(...watch.wrong())
  } catch (error) {
    throw new Error(`The buyer was ${await buyer.whereabouts()}`, { cause: error })
  } finally {
    await browser.close()
  }
}

async function signedUp(): Promise<Client> {
  const client = new Client(url)
  const email = `${crypto.randomUUID()}@aisle.test`
  await client.expect(201, 'POST', '/api/users/signup', { email, password: 'a good password' })
  return client
}

/** Kills the main process of one container, as by kill -9; resolves once the engine has restarted it. */
async function killOne(service: string): Promise<void> {
  const [victim] = await running([service])
  if (!victim) throw new Error(`No container of ${service} runs.`)
  process.kill(victim.pid, 'SIGKILL')
  await until(
    () => containersOf([service]),
    (those) =>
      those.some((one) => one.name === victim.name && one.restarts > victim.restarts && one.state === 'running'),
    `${victim.name} to be started again`,
  )
  tell(`killed ${victim.name}; it was started again`)
  await sleep(betweenKillsMs)
}

/** The databases and the sandbox, at their current addresses. */
async function look(): Promise<Readable & { url: string }> {
  const [[server], [sandbox]] = [await running(['postgres']), await running(['stripe-sandbox'])]
  const ca = await readFile(join(secrets, 'ca.crt'), 'utf8')
  for (const name of services) {
    const [, found] = /^DATABASE_URL=(.*)$/m.exec(await readFile(join(secrets, `${name}.env`), 'utf8'))!
    const url = found!.replace('@postgres:', `@${server!.address}:`).replace('/etc/aisle', secrets)
    // The certificate is for the host name, although we connect to the address.
    databases.set(name, connect(url, { max: 2, ssl: { ca, servername: 'postgres' } }))
  }
  return {
    url,
    sql: (service) => databases.get(service)!,
    async sandbox<T>(method: string, path: string) {
      const response = await fetch(`http://${sandbox!.address}:8080${path}`, { method })
      if (!response.ok) throw new Error(`The sandbox answered ${response.status} to ${method} ${path}`)
      return (await response.json()) as T
    },
  }
}
