import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { expect, inject, it } from 'vitest'
import { readSince } from './events.ts'
import { writeRunning } from './running.ts'
import { services } from './stack.ts'

const program = fileURLToPath(new URL('events.ts', import.meta.url))
const events = (dataDir: string, ...args: string[]) =>
  new Promise<string>((resolve) => {
    const env = { ...process.env, DATA_DIR: dataDir }
    execFile(process.execPath, [program, ...args], { env }, (_, stdout, stderr) => resolve(`${stdout}${stderr}`))
  })

it('sets the relays of a running stack back to a given time, and never forward', async () => {
  const names = services.map(({ name }) => name)
  await using databases = await cloneDatabases(inject('postgres'), names)
  const dataDir = await mkdtemp(join(tmpdir(), 'aisle-events-'))
  const sql = connect(databases.url('orders'), { max: 1 })
  try {
    const urls = Object.fromEntries(names.map((name) => [name, databases.url(name)]))
    await writeRunning(dataDir, { url: '', pid: process.pid, addresses: {}, databases: urls })
    await sql`
      insert into outbox (message, written_at)
      select '{}'::json, now() - hours * interval '1 hour' from unnest(array[30, 20, 10, 1]) hours`
    const rows = await sql<{ xid: string; seq: number }[]>`select xid::text, seq::int from outbox order by seq`
    const place = async () => (await sql`select xid::text, seq::int, stream_sequence, rewinds from relay_position`)[0]

    expect(await events(dataDir, 'republish', '--since', '15h')).toContain('orders: has never published to a broker')
    await sql`update relay_position set xid = ${rows[3]!.xid}::text::xid8, seq = ${rows[3]!.seq}, stream_sequence = 4`
    expect(await events(dataDir, 'republish', '--since', '15h', '--service', 'orders')).toMatch(
      /^orders: 2 messages since .* are published again\.\n$/,
    )
    // To the message before the first one, so that listeners see that nothing is missing in between.
    expect(await place()).toEqual({ xid: rows[1]!.xid, seq: rows[1]!.seq, streamSequence: null, rewinds: 1 })
    expect(await events(dataDir, 'republish', '--since', '2h')).toContain('orders: 1 messages')
    expect(await place()).toMatchObject({ seq: rows[1]!.seq })
    expect(await events(dataDir, 'republish', '--since', '1h', '--service', 'nobody')).toMatch(/^There is no service/)
  } finally {
    await sql.end()
    await rm(dataDir, { recursive: true })
  }
})

it('makes a service emit the state of its things again, however old they are', async () => {
  const names = services.map(({ name }) => name)
  await using databases = await cloneDatabases(inject('postgres'), names)
  const dataDir = await mkdtemp(join(tmpdir(), 'aisle-events-'))
  const sql = connect(databases.url('auth'), { max: 1 })
  try {
    const urls = Object.fromEntries(names.map((name) => [name, databases.url(name)]))
    await writeRunning(dataDir, { url: '', pid: process.pid, addresses: {}, databases: urls })
    await sql`
      insert into users (id, version, email, email_normalized, name, role, password_hash, created_at, updated_at)
      select uuidv7(), n, n || '@aisle.test', n || '@aisle.test', 'Member ' || n, 'user', '', now(), now()
      from generate_series(1, 1200) n`
    expect(await events(dataDir, 'snapshot', 'auth')).toBe('auth: the state of 1200 things is said again.\n')
    const [said] = await sql`
      select count(distinct message ->> 'subject')::int as users, count(distinct xid)::int as transactions,
        min(message ->> 'type') as type, max((message #>> '{data,version}')::int) as version from outbox`
    expect(said).toEqual({ users: 1_200, transactions: 3, type: 'user:updated', version: 1_200 })
    expect(await events(dataDir, 'snapshot', 'expiration')).toContain('keeps nothing that others have a copy of')
    expect(await events(dataDir, 'snapshot', 'nobody')).toMatch(/^There is no service/)
    expect(await events(dataDir, 'snapshot')).toMatch(/^Usage: /)
  } finally {
    await sql.end()
    await rm(dataDir, { recursive: true })
  }
})

it.each([
  ['90m', '2026-05-01T10:30:00.000Z'],
  ['7d', '2026-04-24T12:00:00.000Z'],
  ['2026-04-30T09:00:00Z', '2026-04-30T09:00:00.000Z'],
])('reads %s', (text, expected) => {
  expect(readSince(text, new Date('2026-05-01T12:00:00Z')).toISOString()).toBe(expected)
})

it('refuses what is neither a time nor a duration', () => {
  expect(() => readSince('yesterday', new Date())).toThrow('neither a time nor a duration')
})
