// The service notices with a real mail server: messages of the other services go in, mails come out. It runs in its own
// process, which a test can kill.

import type { Data, Envelope } from '@aisle/contracts/message'
import { contactPurpose, UserContact, UserCreated } from '@aisle/contracts/messages/auth'
import type { ContactKeyMade } from '@aisle/contracts/messages/notices'
import { heardBy } from '@aisle/kit/boot/hears'
import { connect } from '@aisle/kit/db/connect'
import { seal } from '@aisle/kit/sealed'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { notices } from '@aisle/notices/service'
import type postgres from 'postgres'
import { inject } from 'vitest'
import { type MailServer, startMailServer } from './mail-server.ts'
import { envelope } from './one-service.ts'
import { forkService, type SeparateService } from './separate-service.ts'

export type Person = { id: string; address: string }

export type MailHouse = AsyncDisposable & {
  readonly server: MailServer
  readonly sql: postgres.Sql
  /** Where the process listens. */
  url(): string
  /** Starts the process, also again after it was killed. */
  start(): Promise<void>
  /** As by kill -9. */
  kill(): Promise<void>
  publish(...messages: readonly Envelope[]): Promise<void>
  /** Someone whose address is confirmed. The process must run. */
  person(
    fields?: Partial<{ name: string; language: 'en' | 'de'; confirmed: boolean; address: string }>,
  ): Promise<Person>
  /** Moves the clock of the process by steps of a second until `done`. */
  whilePassing<T>(read: () => Promise<T> | T, done: (value: T) => boolean, what: string): Promise<T>
}

const heard = heardBy(notices)

export async function openMailHouse(config: Record<string, string | number> = {}): Promise<MailHouse> {
  const server = await startMailServer()
  const databases = await cloneDatabases(inject('postgres'), ['notices', ...heard.publishers])
  const open = new Map(['notices', ...heard.publishers].map((name) => [name, connect(databases.url(name), { max: 2 })]))
  const sql = open.get('notices')!
  // Tests may say when something happened.
  await sql`update beginning set at = '2020-01-01T00:00:00Z'`
  const values = {
    DATABASE_URL: databases.url('notices'),
    ...Object.fromEntries(
      heard.publishers.map((name) => [`OUTBOX_URL_${name.toUpperCase()}`, databases.url(name, `${name}_reader`)]),
    ),
    SESSION_PUBLIC_KEYS: '{"keys":[]}',
    FINGERPRINT_SECRET: 'a secret that only this test knows',
    MAIL_SECRET: 'another secret that only this test knows',
    RATE_LIMIT: 'off',
    ADMIN_SECOND_FACTOR: 'off',
    MAIL_URL: server.url,
    ...config,
  }
  let running: SeparateService | null = null
  let now = new Date()

  const house: MailHouse = {
    server,
    sql,
    url() {
      if (!running) throw new Error('The process does not run.')
      return running.url
    },
    async start() {
      const loaded = forkService('notices')
      running = await loaded.start(values, { now })
    },
    async kill() {
      await running?.kill()
      running = null
    },
    async publish(...messages) {
      for (const [source, said] of Map.groupBy(messages, (message) => message.source)) {
        const outbox = open.get(source.replace('/aisle/', ''))!
        await outbox`
          insert into outbox (message) select m::json from unnest(${said.map((one) => JSON.stringify(one))}::text[]) m`
        await outbox`select pg_notify('outbox', '')`
      }
    },
    async person({ name = 'Jonas', language = 'en', confirmed = true, address = `${newId()}@example.org` } = {}) {
      const id = newId()
      await house.publish(envelope(UserCreated, id, { id, version: 1, name, banned: false }))
      const [made] = await until(
        () => sql<{ message: Envelope<Data<typeof ContactKeyMade>> }[]>`
          select message from outbox where message ->> 'type' = 'contact:key-made' and message ->> 'subject' = ${id}`,
        (rows) => rows.length > 0,
        'a key for the person',
      )
      const sealed = await seal(made!.message.data.publicKey, contactPurpose, { address, name })
      await house.publish(envelope(UserContact, id, { id, version: 2, sealed, language, confirmed }))
      await until(
        () => sql`select 1 from contacts where user_id = ${id} and version = 2`,
        (rows) => rows.length > 0,
        'the contact to be known',
      )
      return { id, address }
    },
    whilePassing: (read, done, what) =>
      until(
        async () => {
          now = new Date(now.getTime() + 1_000)
          await running?.advanceTo(now)
          return read()
        },
        done,
        what,
      ),
    async [Symbol.asyncDispose]() {
      await running?.kill()
      for (const connection of open.values()) await connection.end()
      await databases[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
  return house
}
