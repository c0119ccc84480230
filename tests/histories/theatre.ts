// A marketplace for many histories: every service a process of its own that can be killed, one clock that only the histories move, the sandbox and the
// front door in this process.

import { randomBytes } from 'node:crypto'
import { hearProvider } from '@aisle/contracts/api/payments'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { User } from '@aisle/contracts/entities'
import { startFrontDoor } from '@aisle/dev/front-door'
import { makeKeys } from '@aisle/dev/keys'
import { configurationOf, prefixes, services } from '@aisle/dev/stack'
import { connect } from '@aisle/kit/db/connect'
import { createLog } from '@aisle/kit/log'
import { cloneDatabases, type TestServer } from '@aisle/kit/testing/databases'
import { testClock } from '@aisle/kit/testing/test-clock'
import { startSandbox } from '@aisle/stripe-sandbox'
import { heardTypes } from '../../services/payments/provider-event.ts'
import { Client } from '../client.ts'
import type { Readable } from '../invariants.ts'
import { ownStreams } from '../own-streams.ts'
import { forkSpare, type SeparateService, type Spare } from '../separate-service.ts'
import { adminLogin, unhurried, worldServices } from '../world.ts'
import { buyers, sellers } from './plan.ts'

export type Member = Client & { user: User }

export type Theatre = Readable &
  AsyncDisposable & {
    readonly url: string
    /** The first sell, the others buy. */
    readonly members: readonly Member[]
    readonly admin: Client
    now(): Date
    /** Moves time everywhere; resolves when what became due has begun. */
    advance(ms: number): Promise<void>
    /** Waits until no background job of a service that lives is under way. */
    rest(): Promise<boolean>
    crash(service: ServiceName): Promise<void>
    /** Starts a service again if it is dead. */
    restart(service: ServiceName): Promise<void>
    /** Signs everybody in again when their sessions are about to end. */
    refreshSessions(): Promise<void>
  }

/** Sessions last for 12 hours. */
const signInEveryMs = 9 * 60 * 60 * 1000
const password = 'a good password'

/** `busUrl` is a broker's; without it the services read each other's outboxes. */
export async function openTheatre(server: TestServer, busUrl: string | null = null): Promise<Theatre> {
  const databases = await cloneDatabases(server, worldServices)
  const clock = testClock()
  const keys = makeKeys()
  const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`
  const sandbox = await startSandbox({ port: 0, dataDir: ':memory:', now: clock.now })
  const running = new Map<ServiceName, SeparateService>()
  const starting = new Map<ServiceName, Promise<void>>()
  /** How often a service has died: who asks it something notes the number before. */
  const deaths = new Map<ServiceName, number>()
  let spare: Spare = forkSpare()

  const frontDoor = await startFrontDoor({
    port: 0,
    routes: prefixes.map(([prefix, service]) => ({ prefix, upstream: () => urlOf(service) })),
    services: services.map(({ name }) => ({ name, url: () => urlOf(name) })),
    logger: createLog('front-door', process.env.TEST_LOG ?? 'fatal'),
  })
  /** Port 1 of this machine is nobody's. */
  function urlOf(service: ServiceName): string {
    return running.get(service)?.url ?? 'http://127.0.0.1:1'
  }
  const streams = ownStreams(busUrl, worldServices)
  const around = {
    bus: streams.config,
    databaseUrl: databases.url,
    keys,
    publicUrl: frontDoor.url,
    sandboxPort: sandbox.port,
    webhookSecret,
  }

  async function begin(name: ServiceName): Promise<void> {
    const definition = services.find((service) => service.name === name)!
    const values = {
      ...configurationOf(definition, around),
      ...unhurried,
      ADMIN_EMAIL: adminLogin.email,
      ADMIN_PASSWORD: adminLogin.password,
    }
    const process = spare
    spare = forkSpare()
    running.set(name, await process.become(name, values, clock.now()))
  }
  const restart = (name: ServiceName) => {
    const begun = starting.get(name) ?? (running.has(name) ? Promise.resolve() : begin(name))
    starting.set(name, begun)
    return begun.finally(() => starting.delete(name))
  }
  for (const { name } of services) await restart(name)
  sandbox.deliverTo({
    url: `${frontDoor.url}${hearProvider.path}`,
    secrets: [webhookSecret],
    enabledEvents: heardTypes,
  })

  /** An answer of 502 or 503 is right where the service that was asked is dead, or has died since. */
  const mayFail = (path: string) => {
    const service = prefixes.find(([prefix]) => path.startsWith(prefix))?.[1]
    const before = service && deaths.get(service)
    const wasDead = service && !running.has(service)
    return (status: number) =>
      (status === 502 || status === 503) &&
      service !== undefined &&
      (wasDead === true || !running.has(service) || deaths.get(service) !== before)
  }
  const admin = new Client(frontDoor.url, mayFail)
  const members: Member[] = []
  for (let index = 0; index < sellers + buyers; index++) {
    const client = new Client(frontDoor.url, mayFail)
    const signUp = { email: `member${index}@aisle.test`, password, name: `Member ${index}` }
    members.push(Object.assign(client, { user: await client.expect<User>(201, 'POST', '/api/users/signup', signUp) }))
  }
  let signedInAt = 0

  const connections = new Map(worldServices.map((name) => [name, connect(databases.url(name), { max: 3 })]))
  const theatre: Theatre = {
    url: frontDoor.url,
    members,
    admin,
    now: clock.now,
    sql: (service) => connections.get(service)!,
    async sandbox<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${sandbox.url}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      if (!response.ok)
        throw new Error(`The sandbox answered ${response.status} to ${method} ${path}: ${await response.text()}`)
      return (await response.json()) as T
    },
    async advance(ms) {
      clock.advance(ms)
      // A service that is starting has the time of its beginning and must not miss what passes meanwhile.
      await Promise.all(starting.values())
      await Promise.all([...running.values()].map((service) => service.advanceTo(clock.now())))
    },
    async rest() {
      return (await Promise.all([...running.values()].map((service) => service.rest()))).every(Boolean)
    },
    async crash(name) {
      await starting.get(name)
      const service = running.get(name)
      if (!service) return
      running.delete(name)
      deaths.set(name, (deaths.get(name) ?? 0) + 1)
      await service.kill()
    },
    restart,
    async refreshSessions() {
      if (clock.now().getTime() - signedInAt < signInEveryMs) return
      signedInAt = clock.now().getTime()
      await admin.expect(200, 'POST', '/api/users/signin', adminLogin)
      for (const member of members)
        await member.expect(200, 'POST', '/api/users/signin', { email: member.user.email, password })
    },
    async [Symbol.asyncDispose]() {
      await frontDoor.stop()
      await Promise.all([...running.values(), spare].map((one) => one.kill()))
      await sandbox.stop()
      await streams.remove()
      for (const connection of connections.values()) await connection.end()
      await databases[Symbol.asyncDispose]()
    },
  }
  return theatre
}
