// The marketplace with every service in separate processes, any number of each, whose time a test moves. The sandbox
// and the front door, which knows the replicas, run in the test's process.
//
//   people -> front door -> replicas of each service of contracts/endpoint.ts
//                           -> the databases, and a broker or each other's outboxes
//                        -> web x 2 -> inner front door -> the same replicas

import { randomBytes } from 'node:crypto'
import { prefixes } from '@aisle/contracts/api/index'
import { hearProvider } from '@aisle/contracts/api/payments'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { selectedEvents } from '@aisle/contracts/provider-events'
import { configurationOf, heard, type StackOptions, services } from '@aisle/dev/stack'
import { tracerOf } from '@aisle/dev/tracer'
import { type FrontDoor, startFrontDoor } from '@aisle/front-door/front-door'
import { inTurn } from '@aisle/front-door/replicas'
import { type Sandbox, startSandbox } from '@aisle/stripe-sandbox/source'
import { buildApp } from '@aisle/web/server/build-app'
import { openReplica } from './replica.ts'
import { forkWeb, type SeparateWeb } from './separate-web.ts'

const webReplicas = 2
/** Nothing listens on port 1 of this machine: connections are refused, as on the port of a dead process. */
const nowhere = 'http://127.0.0.1:1'

export type SeparateStackOptions = Pick<StackOptions, 'databaseUrl' | 'keys' | 'bus' | 'config' | 'web' | 'log'> & {
  /** Of each service. */
  replicas: number
  now: () => Date
  /** Whether ids are created by `now`. */
  idsByClock?: boolean
}

export type SeparateStack = {
  readonly url: string
  readonly sandboxUrl: string
  /** Where the living replicas of a service listen. */
  origins(service: ServiceName): readonly string[]
  /** Sets every replica's time; resolves when what became due has begun. */
  advanceTo(moment: Date): Promise<void>
  /** Resolves when no replica has a background job under way; to false if one takes too long. */
  rest(): Promise<boolean>
  /** Starts the replicas of a service that do not live. */
  startService(service: ServiceName): Promise<void>
  /** Stops all replicas of a service gracefully. */
  stopService(service: ServiceName): Promise<void>
  /** Kills, as by kill -9, all replicas of a service, or the next one in turn. */
  kill(service: ServiceName, which: 'one' | 'all'): Promise<void>
  /** Stops or kills everything. */
  end(how: 'stop' | 'kill'): Promise<void>
}

export async function startSeparateStack(options: SeparateStackOptions): Promise<SeparateStack> {
  const { databaseUrl, keys, bus, config, log, now, idsByClock = false } = options
  const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`
  const replicasOf = new Map(
    services.map(({ name }) => [name, Array.from({ length: options.replicas }, () => openReplica(name))]),
  )
  const replicas = [...replicasOf.values()].flat()
  const pages: SeparateWeb[] = []
  const closers: (() => Promise<void>)[] = []
  let sandbox: Sandbox | null = null
  let frontDoor: FrontDoor | null = null
  let inner: FrontDoor | null = null

  const end = async (how: 'stop' | 'kill') => {
    await frontDoor?.stop()
    await Promise.all(pages.map((page) => page.stop()))
    await inner?.stop()
    await Promise.all(replicas.map((replica) => replica.end(how)))
    await sandbox?.stop()
    for (const close of closers) await close()
  }

  try {
    const stripe = await startSandbox({ port: 0, dataDir: ':memory:', now })
    sandbox = stripe
    const originsOf = new Map(
      [...replicasOf].map(([name, those]) => [name, inTurn(() => those.map(({ url }) => url() ?? nowhere))]),
    )
    const tracer = await tracerOf('front-door', config, log)
    closers.push(tracer.close)
    const doorTo = {
      port: 0,
      routes: prefixes.map(([prefix, service]) => ({ prefix, upstream: originsOf.get(service)! })),
      services: services.map(({ name }) => ({ name, url: originsOf.get(name)! })),
      heard,
      logger: log.child({ service: 'front-door' }),
      tracer,
    }
    const door = await startFrontDoor({
      ...doorTo,
      ...(options.web ? { pages: inTurn(() => pages.map(({ url }) => url)) } : {}),
    })
    frontDoor = door
    const publicUrl = `http://localhost:${door.port}`

    const around = { databaseUrl, keys, bus, publicUrl, sandboxPort: stripe.port, webhookSecret }
    const valuesOf = new Map(
      services.map((definition) => [definition.name, { ...configurationOf(definition, around), ...config }]),
    )
    const startService = async (name: ServiceName) => {
      const beginning = { now: now(), idsByClock }
      await Promise.all(replicasOf.get(name)!.map((replica) => replica.start(valuesOf.get(name)!, beginning)))
    }
    const startPages = async () => {
      // The web's replicas are internal clients: they are trusted to name their visitors.
      inner = await startFrontDoor({ ...doorTo, trusted: true })
      const values = {
        apiUrl: inner.url,
        publicUrl,
        paymentOrigins: [stripe.url],
        buildDirectory: await buildApp(),
        level: log.level,
        config: config ?? {},
      }
      pages.push(...(await Promise.all(Array.from({ length: webReplicas }, () => forkWeb(values)))))
    }
    await Promise.all([...services.map(({ name }) => startService(name)), options.web ? startPages() : undefined])
    stripe.deliverTo({
      url: `${door.url}${hearProvider.path}`,
      secrets: [webhookSecret],
      enabledEvents: selectedEvents,
    })

    return {
      url: door.url,
      sandboxUrl: stripe.url,
      origins: (name) => replicasOf.get(name)!.flatMap(({ url }) => url() ?? []),
      advanceTo: async (moment) => void (await Promise.all(replicas.map((replica) => replica.advanceTo(moment)))),
      rest: async () => (await Promise.all(replicas.map((replica) => replica.rest()))).every(Boolean),
      startService,
      stopService: async (name) => void (await Promise.all(replicasOf.get(name)!.map((replica) => replica.stop()))),
      async kill(name, which) {
        const those = replicasOf.get(name)!
        const victims = which === 'all' ? those : those.splice(0, 1)
        // Next time it is another one's turn.
        if (which === 'one') those.push(...victims)
        await Promise.all(victims.map((replica) => replica.kill()))
      },
      end,
    }
  } catch (error) {
    await end('kill').catch(() => {})
    throw error
  }
}
