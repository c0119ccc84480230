// A marketplace for many histories: processes that can be killed, and one clock that only the histories move.

import { prefixes } from '@aisle/contracts/api/index'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { User } from '@aisle/contracts/entities'
import { makeKeys } from '@aisle/dev/keys'
import { connect } from '@aisle/kit/db/connect'
import { createLog } from '@aisle/kit/log'
import { cloneDatabases, type TestServer } from '@aisle/kit/testing/databases'
import { testClock } from '@aisle/kit/testing/test-clock'
import { Client } from '../client.ts'
import type { Readable } from '../invariants.ts'
import { ownStreams } from '../own-streams.ts'
import { startSeparateStack } from '../separate-stack.ts'
import { adminLogin, anyDeclines, unhurried, worldServices } from '../world.ts'
import { buyers, sellers } from './plan.ts'

export type Member = Client & { user: User }

export type Theatre = Readable &
  AsyncDisposable & {
    readonly url: string
    /** The first ones sell, the others buy. */
    readonly members: readonly Member[]
    readonly admin: Client
    now(): Date
    /** Moves time everywhere; resolves when what became due has begun. */
    advance(ms: number): Promise<void>
    /** Waits until no background job of a living service is under way. */
    rest(): Promise<boolean>
    /** Kills one process of a service, or all. */
    crash(service: ServiceName, which: 'one' | 'all'): Promise<void>
    /** Restarts the dead processes of a service. */
    restart(service: ServiceName): Promise<void>
    /** A client with a copy of a session's cookie. */
    holderOf(cookie: string): Client
    /** Gives a member a new session. */
    signIn(member: Member): Promise<number>
    /** Signs everyone in again when their sessions are about to end. */
    refreshSessions(): Promise<void>
  }

/** Sessions last for 12 hours. */
const signInEveryMs = 9 * 60 * 60 * 1000
const password = 'a good password'
/** An odd number, so that rounding shows. */
const feeBasisPoints = 725

/** Low, so that three buyers of three tickets reach them. */
export const holdingLimits = { MAX_UNPAID_ORDERS: 2, MAX_TICKETS_PER_EVENT: 2 }

export type TheatreOptions = {
  /** A broker's URL; without it the services read each other's outboxes. */
  busUrl?: string | null
  /** Of each service. */
  replicas?: number
}

export async function openTheatre(
  server: TestServer,
  { busUrl = null, replicas = 1 }: TheatreOptions = {},
): Promise<Theatre> {
  const databases = await cloneDatabases(server, worldServices)
  const clock = testClock()
  const streams = ownStreams(busUrl, worldServices)
  const stack = await startSeparateStack({
    replicas,
    databaseUrl: databases.url,
    keys: makeKeys(),
    ...(streams.config ? { bus: streams.config } : {}),
    config: {
      ...unhurried,
      ...anyDeclines,
      ...holdingLimits,
      PLATFORM_FEE_BASIS_POINTS: feeBasisPoints,
      ADMIN_EMAIL: adminLogin.email,
      ADMIN_PASSWORD: adminLogin.password,
    },
    log: createLog('test', process.env.TEST_LOG ?? 'fatal'),
    now: clock.now,
    idsByClock: true,
  })
  const dying = new Set<ServiceName>()
  /** How often a process of a service has died: a request records the number at its start. */
  const deaths = new Map<ServiceName, number>()

  /** A 502 or 503 is right if no process lives to answer, or one that may have received the request dies meanwhile. */
  const mayFail = (path: string) => {
    const service = prefixes.find(([prefix]) => path.startsWith(prefix))?.[1]
    if (!service) return () => false
    const isInTrouble = () => dying.has(service) || stack.origins(service).length === 0
    const wasInTrouble = isInTrouble()
    const before = deaths.get(service)
    return (status: number) =>
      (status === 502 || status === 503) && (wasInTrouble || isInTrouble() || deaths.get(service) !== before)
  }
  const admin = new Client(stack.url, mayFail)
  const members: Member[] = []
  for (let index = 0; index < sellers + buyers; index++) {
    const client = new Client(stack.url, mayFail)
    const signUp = { email: `member${index}@aisle.test`, password, name: `Member ${index}` }
    members.push(Object.assign(client, { user: await client.expect<User>(201, 'POST', '/api/users/signup', signUp) }))
  }
  let signedInAt = 0

  const connections = new Map(worldServices.map((name) => [name, connect(databases.url(name), { max: 3 })]))
  const theatre: Theatre = {
    url: stack.url,
    feeBasisPoints,
    members,
    admin,
    now: clock.now,
    sql: (service) => connections.get(service)!,
    async sandbox<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${stack.sandboxUrl}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      if (!response.ok)
        throw new Error(`The sandbox answered ${response.status} to ${method} ${path}: ${await response.text()}`)
      return (await response.json()) as T
    },
    async advance(ms) {
      clock.advance(ms)
      await stack.advanceTo(clock.now())
    },
    rest: stack.rest,
    async crash(name, which) {
      dying.add(name)
      await stack.kill(name, which)
      dying.delete(name)
      deaths.set(name, (deaths.get(name) ?? 0) + 1)
    },
    restart: stack.startService,
    holderOf: (cookie) => Object.assign(new Client(stack.url, mayFail), { cookie }),
    async signIn(member) {
      return (await member.send('POST', '/api/users/signin', { email: member.user.email, password })).status
    },
    async refreshSessions() {
      if (clock.now().getTime() - signedInAt < signInEveryMs) return
      signedInAt = clock.now().getTime()
      await admin.expect(200, 'POST', '/api/users/signin', adminLogin)
      for (const member of members)
        await member.expect(200, 'POST', '/api/users/signin', { email: member.user.email, password })
    },
    async [Symbol.asyncDispose]() {
      await stack.end('kill')
      await streams.remove()
      for (const connection of connections.values()) await connection.end()
      await databases[Symbol.asyncDispose]()
    },
  }
  return theatre
}
