// Two replicas of auth over HTTP with their own database, the devices of their users, and what notices, which a test
// plays, can read of their messages.

import { generateKeyPairSync } from 'node:crypto'
import type { Data, Envelope, Message } from '@aisle/contracts/message'
import { contactPurpose, linkPurpose, type SealedContact, type SealedLink } from '@aisle/contracts/messages/auth'
import { ContactKeyMade } from '@aisle/contracts/messages/notices'
import { type Running, start } from '@aisle/kit/boot/start'
import { connect } from '@aisle/kit/db/connect'
import { compose } from '@aisle/kit/db/envelope'
import { createLog } from '@aisle/kit/log'
import { type KeyPair, makeKeyPair, unseal } from '@aisle/kit/sealed'
import { cloneDatabases, type TestDatabases } from '@aisle/kit/testing/databases'
import { until } from '@aisle/kit/testing/settled'
import { testClock } from '@aisle/kit/testing/test-clock'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { auth } from './service.ts'

export const password = 'correct horse battery'
export const adminLogin = { email: 'admin@aisle.test', password }
export const log = createLog('test', process.env.TEST_LOG ?? 'fatal')
export const clock = testClock()

export let databases: TestDatabases
export let sql: ReturnType<typeof connect>
/** The services that auth hears, whose outboxes the tests write. */
const otherNames = ['orders', 'payments', 'notices'] as const
type Other = (typeof otherNames)[number]
let others: Record<Other, ReturnType<typeof connect>>
export let values: Record<string, unknown>
/** Two replicas of the service, as in production. */
export let replicas: [Running, Running]

/** Starts the replicas for a test file. */
export function useAuth(): void {
  beforeAll(async () => {
    databases = await cloneDatabases(inject('postgres'), ['auth', ...otherNames])
    sql = connect(databases.url('auth'), { max: 2 })
    others = {
      orders: connect(databases.url('orders'), { max: 1 }),
      payments: connect(databases.url('payments'), { max: 1 }),
      notices: connect(databases.url('notices'), { max: 1 }),
    }
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const kid = 'test'
    values = {
      DATABASE_URL: databases.url('auth'),
      ...Object.fromEntries(
        otherNames.map((name) => [`OUTBOX_URL_${name.toUpperCase()}`, databases.url(name, `${name}_reader`)]),
      ),
      SESSION_PRIVATE_KEY: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }),
      SESSION_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] }),
      FINGERPRINT_SECRET: 'a secret that only this test knows',
      FACTOR_SECRETS: 'factor secrets that only this test knows',
      RATE_LIMIT: 'off',
      ADMIN_SECOND_FACTOR: 'off',
      ADMIN_EMAIL: adminLogin.email,
      ADMIN_PASSWORD: adminLogin.password,
    }
    replicas = await Promise.all([start(auth, values, { clock, log }), start(auth, values, { clock, log })])
  })
  afterAll(async () => {
    for (const replica of replicas ?? []) await replica.stop()
    await sql?.end()
    for (const other of Object.values(others ?? {})) await other.end()
    await databases?.[Symbol.asyncDispose]()
  })
}

type Reply = {
  status: number
  code?: string
  headers: Headers
  setCookie: string | null
  body: Record<string, unknown>
}

export class Device {
  /** The session cookie. */
  cookie = ''
  /** Lets auth recognize the device. */
  deviceCookie = ''

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    at = 0,
  ): Promise<Reply> {
    const response = await fetch(`${replicas[at]?.url}/api/users/${path}`, {
      method,
      headers: {
        cookie: [this.cookie, this.deviceCookie].filter(Boolean).join('; '),
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const [setCookie = null, setDevice] = response.headers.getSetCookie()
    if (setCookie) this.cookie = setCookie.split(';', 1)[0] ?? ''
    if (setDevice) this.deviceCookie = setDevice.split(';', 1)[0] ?? ''
    const text = await response.text()
    const parsed = text ? JSON.parse(text) : {}
    return { status: response.status, code: parsed.code, headers: response.headers, setCookie, body: parsed }
  }

  signIn(email: string, given = password, headers = {}, at = 0) {
    return this.send('POST', 'signin', { email, password: given }, headers, at)
  }

  async currentUser(at = 0) {
    const { body } = await this.send('GET', 'currentuser', undefined, {}, at)
    return body.currentUser as { id: string; email: string; name?: string } | null
  }

  claims(): { iat: number; exp: number; auth_time: number; name: string; sub: string; sid: string; aud: string } {
    return JSON.parse(Buffer.from(this.cookie.split('.')[1] ?? '', 'base64url').toString())
  }
}

export const isNobody = (user: unknown) => user === null

let members = 0
export async function member(fields: { name?: string; password?: string } = {}) {
  const email = `member${++members}@aisle.test`
  const device = new Device()
  const { status, body } = await device.send('POST', 'signup', { email, password, ...fields })
  expect(status).toBe(201)
  return { device, email, id: String(body.id) }
}
export async function admin() {
  const device = new Device()
  expect((await device.signIn(adminLogin.email)).body.role).toBe('admin')
  return device
}

/** The messages published about a user, oldest first. */
export async function saidAbout(id: string): Promise<Envelope<Record<string, unknown>>[]> {
  const rows = await sql<{ message: Envelope<Record<string, unknown>> }[]>`
    select message from outbox where message ->> 'subject' = ${id} order by xid, seq`
  return rows.map(({ message }) => message)
}

type Link = SealedLink & { id: string; purpose: string; language: string; expiresAt: string }

/** What notices knows of a user: it made a key for them. */
export class Mailbox {
  private readonly keys: KeyPair[] = []
  private read = 0
  readonly userId: string

  constructor(userId: string) {
    this.userId = userId
  }

  /** Makes the user's next key, and waits until auth has it. */
  async makeKey({ version = this.keys.length + 1 } = {}): Promise<void> {
    const pair = await makeKeyPair()
    this.keys.push(pair)
    await publishKey({ userId: this.userId, version, publicKey: pair.publicKey })
    const kept = () => sql`select 1 from contact_keys where user_id = ${this.userId} and version >= ${version}`
    await until(kept, (rows) => rows.length > 0, 'auth to have the key')
  }

  /** All contacts that were sent, oldest first. */
  async contacts(): Promise<(SealedContact & { version: number; language: string; confirmed: boolean })[]> {
    const said = (await saidAbout(this.userId)).filter(({ type }) => type === 'user:contact')
    return Promise.all(
      said.map(async ({ data: { version, language, confirmed, sealed } }) => ({
        ...(await this.open<SealedContact>(contactPurpose, sealed as string)),
        ...({ version, language, confirmed } as { version: number; language: string; confirmed: boolean }),
      })),
    )
  }

  /** All links that were sent, oldest first. */
  async links(): Promise<Link[]> {
    const said = (await saidAbout(this.userId)).filter(({ type }) => type === 'user:link-made')
    return Promise.all(
      said.map(async ({ data }) => ({
        ...(data as unknown as Omit<Link, keyof SealedLink>),
        ...(await this.open<SealedLink>(linkPurpose, data.sealed as string)),
      })),
    )
  }

  /** The next link that was sent; waits for it. */
  async next(): Promise<Link> {
    const all = await until(
      () => this.links(),
      ({ length }) => length > this.read,
      'the next mail',
    )
    return all[this.read++]!
  }

  private async open<T>(purpose: string, sealed: string): Promise<T> {
    for (const { privateKey } of this.keys) {
      const opened = await unseal<T>(privateKey, purpose, sealed).catch(() => null)
      if (opened) return opened
    }
    throw new Error('The text is sealed with another key.')
  }
}

export const publishKey = (data: Data<typeof ContactKeyMade>): Promise<void> =>
  publish(ContactKeyMade, data.userId, data)

/** Says something as another service. */
export async function publish<M extends Message>(message: M, subject: string, data: Data<M>): Promise<void> {
  const said = compose(message, subject, data, { id: newId(), time: clock.now() })
  const outbox = others[message.source as Other]
  await outbox`insert into outbox (message) values (${JSON.stringify(said)}::text::json)`
  await outbox`select pg_notify('outbox', '')`
}

/** The mailbox of a user whose key has come. */
export async function mailboxOf(userId: string): Promise<Mailbox> {
  const mailbox = new Mailbox(userId)
  await mailbox.makeKey()
  return mailbox
}
