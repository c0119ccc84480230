/** The walls between the services' databases, checked on a real server. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureDatabases } from './databases.ts'
import { type EmbeddedPostgres, startPostgres } from './postgres.ts'

const isRoot = process.getuid?.() === 0

async function query<T>(url: string, text: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false })
  try {
    return (await sql.unsafe(text)) as unknown as T[]
  } finally {
    await sql.end()
  }
}

describe('one server for many services', () => {
  let dir: string
  let pg: EmbeddedPostgres
  const services = ['auth', 'tickets']

  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'aisle-test-'))
    pg = await startPostgres({ dataDir: dir, settings: { fsync: 'off' } })
    await ensureDatabases(pg, services)
  })
  afterAll(async () => {
    await pg.stop()
    rmSync(dir, { recursive: true })
  })

  it('does not run as root', () => {
    const status = readFileSync(
      `/proc/${Number.parseInt(readFileSync(path.join(dir, 'cluster/postmaster.pid'), 'utf8'), 10)}/status`,
      'utf8',
    )
    expect(status).toMatch(isRoot ? /^Uid:\t65534\t65534\t65534/m : /^Uid:\t[1-9]/m)
    expect(status).toMatch(/^CapEff:\t0+$/m)
  })

  it('sorts alike on every machine', async () => {
    const rows = await query(
      pg.adminUrl,
      `select datlocprovider::text || datlocale || pg_encoding_to_char(encoding) as kind
      from pg_database where datname = 'tickets'`,
    )
    expect(rows).toEqual([{ kind: 'bC.UTF-8UTF8' }])
  })

  it('keeps its passwords where no other user can read them', () => {
    expect(statSync(path.join(dir, 'secrets.json')).mode & 0o777).toBe(0o600)
    expect(new Set(Object.values(pg.address.passwords)).size).toBe(5)
  })

  it('requires a password from everyone', async () => {
    const wrong = pg.url('tickets', 'tickets').replace(/:[^:@]+@/, ':guess@')
    await expect(query(wrong, 'select 1')).rejects.toThrow('password authentication failed')
    const hba = await query<{ auth_method: string }>(pg.adminUrl, 'select distinct auth_method from pg_hba_file_rules')
    expect(hba).toEqual([{ auth_method: 'scram-sha-256' }])
  })

  it('lets a service create its tables, and hides them from other services', async () => {
    await query(pg.url('tickets', 'tickets'), 'create table t (id int); insert into t values (7)')
    for (const role of ['auth', 'auth_reader']) {
      await expect(query(pg.url('tickets', role), 'select 1')).rejects.toThrow(
        'permission denied for database "tickets"',
      )
    }
    for (const database of ['postgres', 'template1']) {
      await expect(query(pg.url(database, 'auth'), 'select 1')).rejects.toThrow(
        `permission denied for database "${database}"`,
      )
    }
  })

  it('lets a reader read what it was granted, and nothing else', async () => {
    await query(
      pg.url('tickets', 'tickets'),
      'create table outbox (id int); grant select on outbox to tickets_reader; create table own (id int)',
    )
    const reader = pg.url('tickets', 'tickets_reader')
    expect(await query(reader, 'select * from outbox')).toEqual([])
    await expect(query(reader, 'select * from own')).rejects.toThrow('permission denied')
    await expect(query(reader, 'insert into outbox values (1)')).rejects.toThrow('permission denied')
    await expect(query(reader, 'create table mine (id int)')).rejects.toThrow('permission denied')
    await expect(query(reader, 'create temp table mine (id int)')).rejects.toThrow('permission denied')
  })

  it('limits how long a service may hold a transaction [M10]', async () => {
    const show = `select current_setting('idle_in_transaction_session_timeout') as idle,
      current_setting('transaction_timeout') as whole`
    expect(await query(pg.url('tickets', 'tickets'), show)).toEqual([{ idle: '10s', whole: '30s' }])
  })

  it('changes nothing when everything is there', async () => {
    const before = { ...pg.address.passwords }
    const state = 'select pg_snapshot_xmax(pg_current_snapshot())::text as next'
    const next = await query(pg.adminUrl, state)
    await ensureDatabases(pg, services)
    expect(await query(pg.adminUrl, state)).toEqual(next)
    expect(pg.address.passwords).toEqual(before)
  })

  it('repairs a missing grant and a missing setting', async () => {
    await query(pg.adminUrl, 'grant connect on database tickets to public')
    await query(pg.adminUrl, 'alter role auth reset transaction_timeout')
    await ensureDatabases(pg, services)
    await expect(query(pg.url('tickets', 'auth'), 'select 1')).rejects.toThrow('permission denied for database')
    expect(await query(pg.url('auth', 'auth'), 'show transaction_timeout')).toEqual([{ transaction_timeout: '30s' }])
  })
})
