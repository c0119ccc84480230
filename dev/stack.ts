// The topology on one page: the processes, the configuration of each, and the order in which they start and stop.
//
//   people -> front door (PORT) -> each service of contracts/endpoint.ts
//                                      each service -> PostgreSQL, with a database and a role of its own
//                                      payments -> Stripe sandbox -> front door (webhooks)
//                               -> web -> the same services, as the visitor
//
// Messages go from a service's outbox to its listeners, either through the listener's read-only role in the publisher's
// database or over a broker.

import { randomBytes } from 'node:crypto'
import { prefixes } from '@aisle/contracts/api/index'
import { hearProvider } from '@aisle/contracts/api/payments'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Heard } from '@aisle/contracts/message-catalogue'
import { selectedEvents } from '@aisle/contracts/provider-events'
import { type FrontDoor, startFrontDoor } from '@aisle/front-door/front-door'
import type { StartOptions } from '@aisle/kit/boot/ground'
import { heardBy } from '@aisle/kit/boot/hears'
import type { AnyService } from '@aisle/kit/boot/service'
import { migrateService, type Running, start } from '@aisle/kit/boot/start'
import type { Log } from '@aisle/kit/log'
import { type Sandbox, startSandbox } from '@aisle/stripe-sandbox/source'
import type { Tracer } from '@aisle/tracing/span'
import { startWeb, type Web } from '@aisle/web/server/start-web'
import { definitions } from '../services/definitions.ts'
import { freePort } from './free-port.ts'
import type { Keys } from './keys.ts'
import { tracerOf } from './tracer.ts'

/** In start order: publishers come before their listeners. */
export const services: readonly AnyService[] = definitions

/** Which messages each service consumes. */
export const heard: Heard = services.map((service) => ({ name: service.name, types: heardBy(service).types }))

type BusSettings = Readonly<Record<string, string | number>>

export type StackOptions = {
  /** Port of the front door; 0 is any free one. */
  port: number
  host?: string
  /** The database of a service, as `role`: the service's own by default. */
  databaseUrl: (service: ServiceName, role?: string) => string
  keys: Keys
  /**
   * BUS_URL and its related settings, where there is a broker; without it the services read each other's outboxes.
   */
  bus?: BusSettings | ((service: ServiceName) => BusSettings)
  /** Where the sandbox keeps its state; ':memory:' keeps nothing. */
  sandboxDir: string
  /** Port of the sandbox if it is free, else any: pages that are open find it again after a restart. */
  sandboxPort?: number
  /** Configuration for every service; overrides that of the stack. */
  config?: Readonly<Record<string, string | number>>
  /** Whether the front door serves pages, or only the API. */
  web?: boolean
  log: Log
  clock?: StartOptions['clock']
}

export type Stack = {
  /** The URL for people. */
  readonly url: string
  /** Where each part listens, for the operator. */
  readonly addresses: Readonly<Record<ServiceName | 'sandbox', string> & { web?: string }>
  /** Stops one service, to see what the others do without it. */
  stopService(name: ServiceName): Promise<void>
  /** Starts a stopped service, at a new port that the front door learns. */
  startService(name: ServiceName): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts all services and the front door in this process. If that fails, everything that was started is stopped
 * again.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const {
    port,
    host = '127.0.0.1',
    databaseUrl,
    keys,
    bus,
    sandboxDir,
    sandboxPort = 0,
    config = {},
    log,
    clock,
  } = options
  const running = new Map<ServiceName, Running>()
  let sandbox: Sandbox | null = null
  let web: Web | null = null
  let frontDoor: FrontDoor | null = null
  const tracers: Tracer[] = []
  const publicUrl = `http://localhost:${port}`
  // Between the sandbox and payments, for this run: nothing else needs it.
  const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`

  const stop = async () => {
    await frontDoor?.stop()
    await web?.stop()
    for (const { name } of services.toReversed()) await running.get(name)?.stop()
    await sandbox?.stop()
    for (const tracer of tracers) await tracer.close()
  }

  try {
    const stripe = await startSandbox({
      port: await freePort(sandboxPort),
      dataDir: sandboxDir,
      ...(clock ? { now: () => clock.now() } : {}),
    })
    sandbox = stripe
    const startService = async (name: ServiceName) => {
      const definition = services.find((service) => service.name === name)
      if (!definition) throw new Error(`There is no service ${name}.`)
      const around = { databaseUrl, keys, bus, publicUrl, sandboxPort: stripe.port, webhookSecret }
      const values = { ...configurationOf(definition, around), ...config }
      running.set(name, await start(definition, values, { log, ...(clock ? { clock } : {}) }))
    }
    // All before the first start: a service reads the outboxes of the others as soon as it runs.
    for (const definition of services) await migrateService(definition, databaseUrl(definition.name))
    for (const { name } of services) await startService(name)

    const urlOf = (name: ServiceName) => running.get(name)?.url ?? ''
    if (options.web) {
      const tracer = await tracerOf('web', config, log)
      tracers.push(tracer)
      web = await startWeb({
        port: 0,
        apiUrl: urlOf,
        publicUrl,
        paymentOrigins: [stripe.url],
        logger: log.child({ service: 'web' }),
        tracer,
      })
    }
    const tracer = await tracerOf('front-door', config, log)
    tracers.push(tracer)
    frontDoor = await startFrontDoor({
      port,
      host,
      routes: prefixes.map(([prefix, service]) => ({ prefix, upstream: () => urlOf(service) })),
      services: services.map(({ name }) => ({ name, url: () => urlOf(name) })),
      heard,
      ...(web ? { pages: web.url } : {}),
      logger: log.child({ service: 'front-door' }),
      tracer,
    })
    stripe.deliverTo({
      url: `${frontDoor.url}${hearProvider.path}`,
      secrets: [webhookSecret],
      enabledEvents: selectedEvents,
    })
    return {
      url: frontDoor.url,
      addresses: {
        ...(Object.fromEntries([...running].map(([name, { url }]) => [name, url])) as Record<ServiceName, string>),
        sandbox: stripe.url,
        ...(web ? { web: web.url } : {}),
      },
      async stopService(name) {
        await running.get(name)?.stop()
      },
      startService,
      stop,
    }
  } catch (error) {
    await stop().catch(() => {})
    throw error
  }
}

/** The configuration that a service gets from the stack. */
export function configurationOf(
  definition: AnyService,
  around: Pick<StackOptions, 'databaseUrl' | 'keys'> & {
    bus?: StackOptions['bus'] | undefined
    publicUrl: string
    sandboxPort: number
    webhookSecret: string
  },
): Record<string, string | number> {
  const { databaseUrl, keys, bus, publicUrl, sandboxPort, webhookSecret } = around
  const { name } = definition
  const outboxes = heardBy(definition).publishers.map((publisher) => [
    `OUTBOX_URL_${publisher.toUpperCase()}`,
    databaseUrl(publisher, `${publisher}_reader`),
  ])
  return {
    SESSION_PUBLIC_KEYS: keys.sessionPublicKeys,
    FINGERPRINT_SECRET: keys.fingerprintSecret,
    PUBLIC_URL: publicUrl,
    DATABASE_URL: databaseUrl(name),
    ...(typeof bus === 'function' ? bus(name) : (bus ?? Object.fromEntries(outboxes))),
    // The one service whose writes a whole on-sale crowd waits for. A commit waits for the disk, and many at once
    // use the disk fully.
    ...(name === 'orders' ? { DATABASE_POOL: 48 } : {}),
    ...(name === 'auth' ? { SESSION_PRIVATE_KEY: keys.sessionPrivateKey, FACTOR_SECRETS: keys.factorSecrets } : {}),
    ...(name === 'notices' ? { MAIL_SECRET: keys.mailSecret } : {}),
    ...(name === 'payments'
      ? {
          STRIPE_SECRET_KEY: 'sk_test_sandbox',
          STRIPE_WEBHOOK_SECRETS: webhookSecret,
          STRIPE_API_HOST: '127.0.0.1',
          STRIPE_API_PORT: sandboxPort,
        }
      : {}),
  }
}
