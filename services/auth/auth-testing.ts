// Two replicas of auth over HTTP with their own database, and the devices of their users.

import { generateKeyPairSync } from 'node:crypto'
import type { Envelope } from '@aisle/contracts/message'
import { type Running, start } from '@aisle/kit/boot/start'
import { connect } from '@aisle/kit/db/connect'
import { createLog } from '@aisle/kit/log'
import { cloneDatabases, type TestDatabases } from '@aisle/kit/testing/databases'
import { testClock } from '@aisle/kit/testing/test-clock'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { auth } from './service.ts'

export const password = 'correct horse battery'
export const adminLogin = { email: 'admin@aisle.test', password }
export const log = createLog('test', process.env.TEST_LOG ?? 'fatal')
export const clock = testClock()

export let databases: TestDatabases
export let sql: ReturnType<typeof connect>
export let values: Record<string, unknown>
/** Two replicas of the service, as in production. */
export let replicas: [Running, Running]

/** Starts the replicas for a test file. */
export function useAuth(): void {
  beforeAll(async () => {
    databases = await cloneDatabases(inject('postgres'), ['auth'])
    sql = connect(databases.url('auth'), { max: 2 })
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const kid = 'test'
    values = {
      DATABASE_URL: databases.url('auth'),
      SESSION_PRIVATE_KEY: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }),
      SESSION_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] }),
      FINGERPRINT_SECRET: 'a secret that only this test knows',
      RATE_LIMIT: 'off',
      ADMIN_EMAIL: adminLogin.email,
      ADMIN_PASSWORD: adminLogin.password,
    }
    replicas = await Promise.all([start(auth, values, { clock, log }), start(auth, values, { clock, log })])
  })
  afterAll(async () => {
    for (const replica of replicas ?? []) await replica.stop()
    await sql?.end()
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
