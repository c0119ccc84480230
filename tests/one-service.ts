// One real service with its own database, plus outboxes of the other services that a test writes to: it
// receives exactly the messages of the test.

import { generateKeyPairSync } from 'node:crypto'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Data, Envelope, Message } from '@aisle/contracts/message'
import type { OrderState } from '@aisle/contracts/messages/orders'
import type { PaymentState } from '@aisle/contracts/messages/payments'
import type { TicketState } from '@aisle/contracts/messages/tickets'
import { heardBy } from '@aisle/kit/boot/hears'
import type { AnyService } from '@aisle/kit/boot/service'
import { start } from '@aisle/kit/boot/start'
import { connect } from '@aisle/kit/db/connect'
import { compose } from '@aisle/kit/db/envelope'
import { createLog } from '@aisle/kit/log'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { type Listener, settled } from '@aisle/kit/testing/settled'
import { testClock } from '@aisle/kit/testing/test-clock'
import { newId } from '@aisle/kit/time/ids'
import { startSandbox } from '@aisle/stripe-sandbox/source'
import type postgres from 'postgres'
import { inject } from 'vitest'

export type OneService = AsyncDisposable & {
  readonly sql: postgres.Sql
  readonly clock: ReturnType<typeof testClock>
  /** The payment sandbox, for payments. */
  readonly sandboxUrl: string
  /** Publishes messages of the other services, in one commit per publisher, and waits until they have taken effect. */
  say(...messages: readonly Envelope[]): Promise<void>
  /** Like `say`, without waiting. */
  publish(...messages: readonly Envelope[]): Promise<void>
  settled(): Promise<void>
  /**
   * Puts `message` in the place of its publisher's newest message: this is how a restored database reuses a
   * position. Its connections end with it.
   */
  replaceNewest(message: Envelope): Promise<void>
  /** The service's whole state: every row of its own tables, its messages, and its requests to the provider. */
  everything(): Promise<Record<string, unknown>>
  /** Types of the messages that it published about a subject, oldest first. */
  saidAbout(subject: string): Promise<string[]>
}

export async function openService(definition: AnyService): Promise<OneService> {
  const { name } = definition
  const heard = heardBy(definition)
  const databases = await cloneDatabases(inject('postgres'), [...new Set<ServiceName>([name, ...heard.publishers])])
  const clock = testClock()
  const connections = new Map([name, ...heard.publishers].map((one) => [one, connect(databases.url(one), { max: 2 })]))
  const sandbox =
    name === 'payments' ? await startSandbox({ port: 0, dataDir: ':memory:', now: () => clock.now() }) : null
  const running = await start(
    definition,
    {
      DATABASE_URL: databases.url(name),
      ...Object.fromEntries(
        heard.publishers.map((one) => [`OUTBOX_URL_${one.toUpperCase()}`, databases.url(one, `${one}_reader`)]),
      ),
      ...(name === 'auth'
        ? { ...signingKeys(), FACTOR_SECRETS: 'factor secrets that only this test knows' }
        : { SESSION_PUBLIC_KEYS: '{"keys":[]}' }),
      FINGERPRINT_SECRET: 'a secret that only this test knows',
      MAIL_SECRET: 'another secret that only this test knows',
      RATE_LIMIT: 'off',
      ADMIN_SECOND_FACTOR: 'off',
      ...(sandbox
        ? {
            STRIPE_SECRET_KEY: 'sk_test_sandbox',
            STRIPE_WEBHOOK_SECRETS: 'whsec_of_nobody',
            STRIPE_API_HOST: '127.0.0.1',
            STRIPE_API_PORT: sandbox.port,
            PROVIDER_CALLS_PER_SECOND: 10_000,
          }
        : {}),
    },
    { clock, log: createLog('test', process.env.TEST_LOG ?? 'fatal') },
  )
  const sql = connections.get(name)!
  const listeners: Listener[] = [...connections].map(([one, connection]) => ({
    name: one,
    sql: connection,
    ...(one === name ? heard : { types: [], publishers: [] }),
  }))

  const service: OneService = {
    sql,
    clock,
    sandboxUrl: sandbox?.url ?? '',
    async publish(...messages) {
      for (const [source, said] of Map.groupBy(messages, (message) => message.source)) {
        const outbox = connections.get(source.replace('/aisle/', '') as ServiceName)!
        await outbox`
          insert into outbox (message) select m::json from unnest(${said.map((one) => JSON.stringify(one))}::text[]) m`
        await outbox`select pg_notify('outbox', '')`
      }
    },
    async say(...messages) {
      await service.publish(...messages)
      await service.settled()
    },
    settled: () =>
      settled(listeners, async () => {
        return (await sql`select 1 from work where status = 'pending' and kind <> 'webhook'`).length === 0
      }),
    async replaceNewest(message) {
      const outbox = connect(databases.url(message.source.replace('/aisle/', ''), 'postgres'), { max: 1 })
      await outbox`
        update outbox set message = ${JSON.stringify(message)}::text::json
        where (xid, seq) = (select xid, seq from outbox o order by o.xid desc, o.seq desc limit 1)`
      await outbox`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename like '%\\_reader'`
      await outbox.end()
    },
    async everything() {
      const tables = await sql<{ name: string }[]>`
        select table_name as name from information_schema.tables
        where table_schema = 'public' and table_name <> all (${['cursors', 'inbox', 'migrations', 'outbox']}::text[])`
      const rows: Record<string, unknown> = {}
      for (const table of tables) rows[table.name] = await sql`select * from ${sql(table.name)} order by 1`
      rows.said = await sql`select message from outbox order by xid, seq`
      if (sandbox) rows.provider = await fetch(`${sandbox.url}/_sandbox/state`).then((response) => response.json())
      return rows
    },
    async saidAbout(subject) {
      const rows = await sql<{ type: string }[]>`
        select message ->> 'type' as type from outbox where message ->> 'subject' = ${subject} order by xid, seq`
      return rows.map(({ type }) => type)
    },
    async [Symbol.asyncDispose]() {
      await running.stop()
      await sandbox?.stop()
      for (const connection of connections.values()) await connection.end()
      await databases[Symbol.asyncDispose]()
    },
  }
  return service
}

function signingKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const keys = [privateKey, publicKey].map((key) => ({ ...key.export({ format: 'jwk' }), kid: 'test' }))
  return { SESSION_PRIVATE_KEY: JSON.stringify(keys[0]), SESSION_PUBLIC_KEYS: JSON.stringify({ keys: [keys[1]] }) }
}

/** A message as its publisher writes it. */
export const envelope = <M extends Message>(message: M, subject: string, data: Data<M>): Envelope =>
  compose(message, subject, data, { id: newId(), time: new Date() })

/** The same news published a second time: another message with the same content. */
export const again = (message: Envelope): Envelope => ({ ...message, id: newId() })

const at = '2026-05-01T12:00:00.000Z'

export const ticketState = (fields: Partial<TicketState> = {}): TicketState => ({
  id: newId(),
  title: 'One seat',
  price: 4500,
  currency: 'eur',
  seller: { id: newId(), name: 'Sue' },
  status: 'listed',
  version: 1,
  createdAt: at,
  updatedAt: at,
  ...fields,
})

export const orderState = (fields: Partial<OrderState> = {}): OrderState => ({
  id: newId(),
  status: 'created',
  expiresAt: '2099-05-01T12:15:00.000Z',
  ticket: { id: newId(), title: 'One seat', price: 4500, currency: 'eur' },
  version: 1,
  createdAt: at,
  updatedAt: at,
  buyerId: newId(),
  sellerId: newId(),
  ticketVersion: 1,
  ...fields,
})

export const paymentState = (fields: Partial<PaymentState> = {}): PaymentState => ({
  id: newId(),
  orderId: newId(),
  status: 'authorized',
  amount: 4500,
  currency: 'eur',
  amountRefunded: 0,
  createdAt: at,
  version: 2,
  attempt: 1,
  final: false,
  ...fields,
})
