// The topology of several machines, on one: every program is a process of its own, two replicas of each except
// expiration's timers, a PostgreSQL server for each service's database, a NATS server between them, and one front
// door. Any process that ends is restarted.
//
//   people -> front door -> auth x 2 | tickets x 2 | orders x 2 | expiration | payments x 2 -> PostgreSQL each, NATS
//                        -> web x 2 -> inner front door -> the same services

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { prefixes } from '@aisle/contracts/api/index'
import { hearProvider } from '@aisle/contracts/api/payments'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { selectedEvents } from '@aisle/contracts/provider-events'
import { startFrontDoor } from '@aisle/front-door/front-door'
import { type Replicas, watchReplicas } from '@aisle/front-door/replicas'
import { heardBy } from '@aisle/kit/boot/hears'
import { migrateService } from '@aisle/kit/boot/start'
import { rightsOf } from '@aisle/kit/bus/nats-rights'
import { readConfig, tracingConfig } from '@aisle/kit/config'
import type { Log } from '@aisle/kit/log'
import { startSandbox } from '@aisle/stripe-sandbox/source'
import { buildApp } from '@aisle/web/server/build-app'
import { freePort } from './free-port.ts'
import { type KeptPostgres, keepPostgres } from './kept-postgres.ts'
import type { Keys } from './keys.ts'
import { launchNats, storeOf } from './nats.ts'
import { configurationOf, heard, services } from './stack.ts'
import { isOver, type Supervised, supervise } from './supervise.ts'
import { tracerOf } from './tracer.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
const againAfterMs = 300
const namespace = 'aisle'
/** Size limit of a service's stream on a laptop. */
const streamBytes = 256 * 1024 ** 2

/** One process of a program; its name is the program's with a number: orders-2. */
export type Replica = Supervised & {
  readonly program: ServiceName | 'web'
  /** The program's file in the repository. */
  readonly path: string
}

export type Server = {
  /** Sends a signal like `kill` to its first process. It is restarted if it ends. */
  signal(name: NodeJS.Signals): Promise<void>
}

export type DistributedStack = {
  readonly url: string
  readonly addresses: Readonly<Record<string, string>>
  readonly replicas: readonly Replica[]
  /** The PostgreSQL server of a service. */
  readonly postgres: Readonly<Record<ServiceName, KeptPostgres>>
  /** `wipe` deletes everything that it stores; then it is restarted. */
  readonly nats: Server & { wipe(): Promise<void> }
  /** The database of a service, bypassing whatever lies between it and the service. */
  databaseUrl(service: ServiceName, role?: string): string
  /** Resolves when every replica reports that it is ready. */
  ready(): Promise<void>
  /**
   * Restarts a replica in order: it gets no more requests, running ones are finished, then the new process starts.
   * With `root`, the folder of a repository, it runs the code there from now on. Resolves to what was wrong with
   * its stop, or to null.
   */
  replace(replica: Replica, root?: string): Promise<string | null>
  /** Resolves to a sentence for each replica that did not stop in order. */
  stop(): Promise<string[]>
}

export type DistributedOptions = {
  /** Port of the front door. */
  port: number
  dataDir: string
  keys: Keys
  sandboxPort?: number
  /** Configuration for every service; overrides that of the stack. */
  config?: Readonly<Record<string, string | number>>
  /** Replicas of each program but expiration. */
  replicas?: number
  /** Additional environment of a replica. */
  envOf?: (replica: string) => Readonly<Record<string, string | number>>
  /** Puts something between a replica and a server; resolves to the port to use instead. */
  between?: (replica: string, server: string, port: number) => Promise<number>
  log: Log
}

/**
 * Starts all programs and resolves when every replica is ready. If that fails, everything that was started is
 * stopped again.
 */
export async function startDistributedStack(options: DistributedOptions): Promise<DistributedStack> {
  const { port, dataDir, keys, config = {}, log, envOf = () => ({}) } = options
  const between = options.between ?? (async (_replica, _server, port) => port)
  const publicUrl = `http://localhost:${port}`
  const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`
  const closers: (() => unknown)[] = []
  const unwilling: string[] = []
  const stop = async () => {
    for (let close = closers.pop(); close; close = closers.pop()) await close()
    return unwilling
  }
  try {
    const servers = new Map<ServiceName, KeptPostgres>()
    for (const { name } of services) {
      const server = await keepPostgres(join(dataDir, `postgres-${name}`), [name], log)
      closers.push(server.stop)
      servers.set(name, server)
    }
    const databaseUrlOf = (service: ServiceName, role?: string) => servers.get(service)!.url(service, role)
    for (const definition of services) await migrateService(definition, databaseUrlOf(definition.name))

    const nats = await keepNats(join(dataDir, 'nats'), log)
    closers.push(nats.stop)
    const sandbox = await startSandbox({
      port: await freePort(options.sandboxPort),
      dataDir: join(dataDir, 'stripe-sandbox'),
    })
    closers.push(() => sandbox.stop())

    const replicas: Replica[] = []
    const add = async (program: ServiceName | 'web', count: number, plan: (name: string) => Promise<Plan>) => {
      for (let nth = 1; nth <= count; nth++) {
        const name = `${program}-${nth}`
        const { path, ...planned } = await plan(name)
        const replica = supervise({ name, port: await freePort(), log, file: join(repository, path), ...planned })
        closers.push(async () => {
          const trouble = await replica.stop()
          if (trouble) unwilling.push(trouble)
        })
        replicas.push({ ...replica, program, path })
      }
    }
    const many = options.replicas ?? 2
    for (const definition of services) {
      // Each due timer fires on one replica only; a second replica would only wait in reserve.
      await add(definition.name, definition.name === 'expiration' ? 1 : many, async (name) => {
        const databaseUrl = new URL(databaseUrlOf(definition.name))
        databaseUrl.port = String(await between(name, `PostgreSQL of ${definition.name}`, Number(databaseUrl.port)))
        const around = {
          // With a broker no service reads the database of another.
          databaseUrl: () => databaseUrl.href,
          bus: {
            BUS_URL: nats.url(definition.name, await between(name, 'NATS', nats.port)),
            BUS_NAMESPACE: namespace,
            BUS_STREAM_MAX_BYTES: streamBytes,
          },
          keys,
          publicUrl,
          sandboxPort: sandbox.port,
          webhookSecret,
        }
        return {
          path: `services/${definition.name}/main.ts`,
          env: { ...configurationOf(definition, around), ...config, ...envOf(name) },
          readyPath: '/readyz',
        }
      })
    }
    const watched = new Map<string, Replicas>()
    const watch = (program: ServiceName | 'web', path?: string) => {
      const origins = replicas.filter((replica) => replica.program === program).map(({ origin }) => origin)
      const found = watchReplicas(origins, path)
      closers.push(found.stop)
      watched.set(program, found)
    }
    for (const { name } of services) watch(name)
    const tracer = await tracerOf('front-door', config, log)
    closers.push(() => tracer.close())
    const doorTo = {
      routes: prefixes.map(([prefix, service]) => ({ prefix, upstream: () => watched.get(service)!.origins() })),
      services: services.map(({ name }) => ({ name, url: () => watched.get(name)!.origins() })),
      heard,
      logger: log.child({ service: 'front-door' }),
      tracer,
    }
    // The web's replicas are internal callers: they are trusted to name their visitors.
    const inner = await startFrontDoor({ ...doorTo, port: 0, trusted: true })
    closers.push(() => inner.stop())
    const build = await buildApp()
    await add('web', many, async () => ({
      path: 'web/server/main.ts',
      env: {
        API_URL: inner.url,
        PUBLIC_URL: publicUrl,
        PAYMENT_ORIGINS: sandbox.url,
        BUILD_DIRECTORY: build,
        LOG_LEVEL: log.level,
        ...readConfig(tracingConfig, config),
        NODE_ENV: 'production',
      },
      readyPath: '/livez',
    }))
    watch('web', '/livez')
    const frontDoor = await startFrontDoor({ ...doorTo, port, pages: () => watched.get('web')!.origins() })
    closers.push(() => frontDoor.stop())
    sandbox.deliverTo({
      url: `${frontDoor.url}${hearProvider.path}`,
      secrets: [webhookSecret],
      enabledEvents: selectedEvents,
    })

    const ready = async () => void (await Promise.all(replicas.map((replica) => replica.ready())))
    await ready()
    return {
      url: frontDoor.url,
      addresses: { ...Object.fromEntries(replicas.map(({ name, origin }) => [name, origin])), sandbox: sandbox.url },
      replicas,
      nats,
      postgres: Object.fromEntries(servers) as Record<ServiceName, KeptPostgres>,
      databaseUrl: databaseUrlOf,
      ready,
      async replace(replica, root) {
        const others = watched.get(replica.program)!
        others.takeOut(replica.origin)
        const trouble = await replica.stop()
        replica.start(root && join(root, replica.path))
        await replica.ready()
        others.putBack(replica.origin)
        return trouble
      },
      stop,
    }
  } catch (error) {
    await stop().catch(() => [])
    throw error
  }
}

type Plan = { path: string; env: Record<string, string | number>; readyPath: string }

type KeptNats = Server & {
  port: number
  /** For BUS_URL of a service, at the broker's port or that of what lies before it. */
  url(service: ServiceName, port: number): string
  wipe(): Promise<void>
  stop(): Promise<void>
}

/** A broker that is restarted at the same port when it ends. */
async function keepNats(folder: string, log: Log): Promise<KeptNats> {
  const port = await freePort()
  const users = services.map((definition) => ({
    name: definition.name,
    password: `p${randomBytes(18).toString('hex')}`,
    rights: rightsOf(namespace, definition.name, heardBy(definition).publishers),
  }))
  const launch = () => launchNats({ folder, port, users })
  let wanted = true
  let isWiped = false
  let child = await launch()
  void watch()
  return {
    port,
    url: (name, through) => `nats://${name}:${users.find((user) => user.name === name)!.password}@127.0.0.1:${through}`,
    async signal(name) {
      child.kill(name)
    },
    async wipe() {
      isWiped = true
      child.kill('SIGKILL')
    },
    async stop() {
      wanted = false
      if (isOver(child)) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      child.kill('SIGCONT')
      await ended
    },
  }

  async function watch(): Promise<void> {
    if (!isOver(child)) await once(child, 'exit')
    while (wanted) {
      log.warn('NATS ended; restarting it')
      await sleep(againAfterMs)
      if (isWiped) await rm(storeOf(folder), { recursive: true, force: true })
      isWiped = false
      const started = await launch().catch((error: unknown) =>
        log.warn({ err: error }, 'could not start NATS; retrying'),
      )
      if (!started) continue
      child = started
      await once(child, 'exit')
    }
  }
}
