// The connections to PostgreSQL and NATS as set up by infra/make-secrets.ts: encrypted, to servers certified by
// our authority, as users with few rights. Real servers, with their configuration of infra/.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { freePort } from '@aisle/dev/free-port'
import { makeKeys } from '@aisle/dev/keys'
import { findNatsServer, noNatsServer, runNats } from '@aisle/dev/nats'
import { type EmbeddedPostgres, startPostgres } from '@aisle/dev/postgres'
import { giveToServer } from '@aisle/dev/postgres-files'
import { type Stack, services, startStack } from '@aisle/dev/stack'
import { connectBroker } from '@aisle/kit/bus/nats-connection'
import { inboxOf } from '@aisle/kit/bus/nats-rights'
import { connect } from '@aisle/kit/db/connect'
import { createLog } from '@aisle/kit/log'
import { operate } from '@aisle/kit/testing/nats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from '../infra/certificates.ts'
import { caFile, makeSecrets } from '../infra/make-secrets.ts'
import { Client } from './client.ts'
import { parseLines, readText } from './infra-files.ts'
import { listTicket, orderIn, pay, reserve, ticketIn, unhurried } from './world.ts'

if (!findNatsServer()) console.warn(noNatsServer)

const folder = mkdtempSync(join(tmpdir(), 'aisle-secure-'))
const secretsFolder = join(folder, 'secrets')
const log = createLog('test', process.env.TEST_LOG ?? 'silent')
let postgres: EmbeddedPostgres
let nats: ChildProcess
let stack: Stack
let secrets: Record<string, string>

const fileOf = (name: string) => join(secretsFolder, name)
/** A service's configuration, with the path of its authority's file on this machine. */
const toldTo = (service: string) => parseLines(secrets[`${service}.env`]!.replaceAll(caFile, fileOf('ca.crt')))

beforeAll(async () => {
  chmodSync(folder, 0o711)
  mkdirSync(secretsFolder, { mode: 0o711 })
  const [postgresPort, natsPort] = [await freePort(), await freePort()]
  secrets = makeSecrets({ postgres: `localhost:${postgresPort}`, nats: [`localhost:${natsPort}`] })
  for (const [name, text] of Object.entries(secrets)) writeFileSync(fileOf(name), text, { mode: 0o600 })
  writeFileSync(fileOf('other-ca.crt'), makeAuthority('Somebody else').certificate)
  writeFileSync(fileOf('pg_hba.conf'), readText('infra/postgres/pg_hba.conf'))
  for (const name of ['postgres.crt', 'postgres.key', 'pg_hba.conf']) await giveToServer(fileOf(name), 0o400)
  postgres = await startPostgres({
    dataDir: join(folder, 'postgres'),
    port: postgresPort,
    settings: {
      fsync: 'off',
      ssl: 'on',
      ssl_cert_file: fileOf('postgres.crt'),
      ssl_key_file: fileOf('postgres.key'),
      hba_file: fileOf('pg_hba.conf'),
    },
  })
  const tls = `?sslmode=verify-full&sslrootcert=${fileOf('ca.crt')}`
  const admin = connect(`${postgres.adminUrl.replace('127.0.0.1', 'localhost')}${tls}`, { max: 1 })
  for (const statement of secrets['databases.sql']!.split(';\n').filter(Boolean)) await admin.unsafe(statement)
  await admin.end()

  if (!findNatsServer()) return
  const configuration = readText('infra/k8s/overlays/dev/nats.conf')
    .replace('0.0.0.0:4222', `127.0.0.1:${natsPort}`)
    .replace('http: 0.0.0.0:8222', '')
    .replaceAll('/etc/nats/secrets', secretsFolder)
    .replace('/data', join(folder, 'nats'))
    // Debian's server is older.
    .replace('sync_interval: always', '')
  writeFileSync(join(folder, 'nats.conf'), configuration)
  nats = await runNats(join(folder, 'nats.conf'))

  const keys = makeKeys()
  stack = await startStack({
    port: 0,
    databaseUrl: (service) => toldTo(service).DATABASE_URL!,
    keys,
    bus: (service) => ({ BUS_URL: toldTo(service).BUS_URL!, BUS_CA_FILE: fileOf('ca.crt') }),
    sandboxDir: ':memory:',
    config: { ...unhurried, BUS_STREAM_MAX_BYTES: 16 * 1024 ** 2 },
    log,
  })
})
afterAll(async () => {
  await stack?.stop()
  await postgres?.stop()
  if (nats) {
    const ended = once(nats, 'exit')
    nats.kill()
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!findNatsServer())('with the output of make-secrets', () => {
  it('every service works: a ticket is sold', async () => {
    const member = async () => {
      const client = new Client(stack.url)
      const email = `${crypto.randomUUID()}@aisle.test`
      await client.expect(201, 'POST', '/api/users/signup', { email, password: 'a good password' })
      return client
    }
    const [seller, buyer] = [await member(), await member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await pay(buyer, order.id)
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
  })

  it('every connection is encrypted', async () => {
    await using operator = admin()
    const rows = await operator.sql<{ service: string; ssl: boolean }[]>`
      select distinct usename as service, ssl from pg_stat_ssl join pg_stat_activity using (pid)
      where usename <> 'postgres' order by 1`
    expect(rows).toEqual(
      services
        .map(({ name }) => name)
        .sort()
        .map((service) => ({ service, ssl: true })),
    )
  })

  it('no service publishes in the name of another', async () => {
    const url = toldTo('tickets').BUS_URL!
    await using thief = await operate(url, inboxOf('aisle', 'tickets'), fileOf('ca.crt'))
    const forged = thief.nc.request('aisle.payments.payment.created', '{}', { timeout: 5_000 })
    await expect(forged).rejects.toThrow(/permissions violation/i)
  })
})

const admin = () => {
  const url = `${postgres.adminUrl.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert=${fileOf('ca.crt')}`
  const sql = connect(url, { max: 1 })
  return { sql, [Symbol.asyncDispose]: () => sql.end() }
}

describe('PostgreSQL', () => {
  const answer = async (url: string) => {
    const sql = connect(url, { max: 1 })
    try {
      return (await sql`select 1 as one`)[0]
    } finally {
      await sql.end({ timeout: 1 })
    }
  }
  const own = () => toldTo('orders').DATABASE_URL!
  const plain = () => own().replace(/\?.*/, '')

  it('accepts clients that trust our authority', async () => {
    expect(await answer(own())).toEqual({ one: 1 })
  })

  it('is refused by clients that trust another one, or none', async () => {
    await expect(answer(own().replace('ca.crt', 'other-ca.crt'))).rejects.toThrow(/certificate/)
    await expect(answer(`${plain()}?sslmode=verify-full`)).rejects.toThrow(/certificate/)
  })

  it('is refused under a name that its certificate does not have', async () => {
    await expect(answer(own().replace('localhost', 'elsewhere.localhost'))).rejects.toThrow(/altnames|ENOTFOUND/)
  })

  it('accepts no plain text', async () => {
    await expect(answer(plain())).rejects.toThrow(/no encryption/)
  })

  it('is not talked to in plain text when it has no certificate', async () => {
    await using bare = await startPostgres({ dataDir: join(folder, 'bare'), settings: { fsync: 'off' } })
    const url = `${bare.adminUrl.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert=${fileOf('ca.crt')}`
    await expect(answer(url)).rejects.toThrow()
  })

  it.for(['require', 'prefer', 'verify-ca', 'allow'])(
    'sslmode=%s is refused: it would trust any server',
    async (mode) => {
      await expect(answer(`${plain()}?sslmode=${mode}`)).rejects.toThrow('neither verify-full nor disable')
    },
  )
})

describe.skipIf(!findNatsServer())('NATS', () => {
  const connected = async (url: string, ca?: string) => {
    const inbox = inboxOf('aisle', 'orders')
    const broker = await connectBroker({ url, name: 'orders', inbox, caFile: ca && fileOf(ca), log })
    await broker.close()
    return broker.trouble()
  }
  const own = () => toldTo('orders' satisfies ServiceName).BUS_URL!

  it('accepts clients that trust our authority', async () => {
    await expect(connected(own(), 'ca.crt')).resolves.toBeDefined()
  })

  it('is refused by clients that trust another one, or none', async () => {
    await expect(connected(own(), 'other-ca.crt')).rejects.toThrow(/cannot be reached/)
    await expect(connected(own())).rejects.toThrow(/cannot be reached/)
  })

  it('accepts no plain text', async () => {
    await expect(connected(own().replace('tls:', 'nats:'), 'ca.crt')).rejects.toThrow(/cannot be reached/)
  })

  it('is not talked to in plain text when it has no certificate', async () => {
    const port = await freePort()
    writeFileSync(
      join(folder, 'plain.conf'),
      `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${folder}/plain" }\n`,
    )
    const server = await runNats(join(folder, 'plain.conf'))
    try {
      await expect(connected(`tls://orders:secret@localhost:${port}`, 'ca.crt')).rejects.toThrow(/cannot be reached/)
    } finally {
      server.kill('SIGKILL')
    }
  })
})
