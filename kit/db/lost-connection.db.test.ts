// What becomes of transactions and statements whose connection is lost: each is rejected, none waits for ever, none ends the process, and none writes into
// another's.

import { expect, inject, it, onTestFinished } from 'vitest'
import { newId } from '../ids.ts'
import { cloneDatabases } from '../testing/databases.ts'
import { openLink } from '../testing/link.ts'
import { type Database, isTransient, openDatabase } from './database.ts'

async function database() {
  const databases = await cloneDatabases(inject('postgres'), ['alpha'])
  const url = new URL(databases.url('alpha'))
  const link = await openLink(Number(url.port))
  url.port = String(link.port)
  const open = (address: string, max: number) =>
    openDatabase({ url: address, max, applicationName: 'test', now: () => new Date(), newId, announce: () => {} })
  const [db, direct] = [open(url.href, 4), open(databases.url('alpha'), 2)]
  await direct.sql`create table notes (writer integer not null, part integer not null)`
  onTestFinished(async () => {
    await db.close()
    await direct.close()
    await link.close()
    await databases[Symbol.asyncDispose]()
  })
  return { db, direct, link }
}

/** Never the same text, so that it is never prepared already: what follows waits behind it. */
let unique = 0
const write = (db: Database, writer: number, between: () => Promise<unknown> = async () => {}) =>
  db.tx(async ({ sql, send }) => {
    const first = sql`insert into notes (writer, part) values (${writer}, 1)`
    await first
    await between()
    send(sql.unsafe(`/* ${++unique} */ insert into notes (writer, part) select $1, 2 from pg_sleep(0.005)`, [writer]))
    await sql`insert into notes (writer, part) values (${writer}, ${3})`
  })

it('a transaction whose connection is lost is rejected as one to be tried again, and the next one works', async () => {
  const { db, direct, link } = await database()
  const lose = async () => {
    link.set('cut')
    link.set('open')
  }
  for (let writer = 0; writer < 20; writer++)
    expect(
      await write(db, writer, lose).then(
        () => false,
        (error: unknown) => isTransient(error),
      ),
    ).toBe(true)
  await write(db, 99)
  expect(await direct.sql`select writer, count(*)::int as parts from notes group by writer`).toEqual([
    { writer: 99, parts: 3 },
  ])
})

it('a backend that is ended by the operator ends its transaction alone', async () => {
  const { db, direct } = await database()
  const ended = db.tx(async ({ sql }) => {
    const [own] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
    await direct.sql`select pg_terminate_backend(${own!.pid}, 5000)`
    await sql`insert into notes (writer, part) values (0, 1)`
  })
  await expect(ended).rejects.toSatisfy(isTransient)
  await write(db, 1)
  expect(await direct.sql`select count(*)::int as parts from notes`).toEqual([{ parts: 3 }])
})

it('a crowd of writers whose backends keep being ended leaves whole transactions only, and all connections usable', async () => {
  const { db, direct } = await database()
  let breaking = true
  const breaker = (async () => {
    while (breaking)
      await direct.sql`
        select pg_terminate_backend(pid, 1000) from pg_stat_activity, pg_sleep(0.02)
        where application_name = 'test' and datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`
  })()
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, (_, writer) =>
      write(db, writer, () => direct.sql`select 1`).then(
        () => 'written',
        (error: unknown) => (isTransient(error) ? 'lost' : String(error)),
      ),
    ),
  )
  breaking = false
  await breaker
  expect(new Set(outcomes)).toEqual(new Set(['written', 'lost']))
  const parts = await direct.sql<{ writer: number; parts: number }[]>`
    select writer, count(*)::int as parts from notes group by writer`
  expect(parts.filter(({ parts }) => parts !== 3)).toEqual([])
  await Promise.all(Array.from({ length: 8 }, (_, writer) => write(db, 1_000 + writer)))
}, 60_000)

it('an error that only looks like a lost connection leaves no transaction open for the next user of it', async () => {
  const { db, direct } = await database()
  for (let writer = 0; writer < 4; writer++)
    await expect(
      db.tx(async ({ sql }) => {
        await sql`insert into notes (writer, part) values (${writer}, 1)`
        throw Object.assign(new Error('another server'), { code: 'ECONNRESET' })
      }),
    ).rejects.toThrow('another server')
  for (let writer = 10; writer < 14; writer++) await write(db, writer)
  expect(await direct.sql`select distinct writer from notes order by writer`).toEqual(
    [10, 11, 12, 13].map((writer) => ({ writer })),
  )
})

it('a statement after the end of its transaction is refused', async () => {
  const { db, direct } = await database()
  const kept = await db.tx(async ({ sql }) => sql)
  expect(() => kept`insert into notes (writer, part) values (1, 1)`).toThrow('The transaction is over.')
  expect(await direct.sql`select * from notes`).toEqual([])
})

it('statements whose connections are lost are rejected, none waits for ever, and no connection is missing afterwards', async () => {
  const { db, direct } = await database()
  const own = 4
  const rounds = 250
  let isOver = false
  let lost = 0
  const asking = Array.from({ length: 2 * own }, async (_, asker) => {
    for (let asked = 0; !isOver; asked++) {
      const found = await db.sql<
        { asked: number }[]
      >`select ${asked}::int as asked, ${'x'.repeat(100 * asker)}::text`.catch((error: unknown) => {
        expect(isTransient(error)).toBe(true)
        lost++
      })
      if (found) expect(found[0]?.asked).toBe(asked)
    }
  })
  // One after the other, so that the others are busy and the lost one is opened again meanwhile.
  for (let round = 0; round < rounds; round++)
    await direct.sql`
      select pg_terminate_backend(pid) from (
        select pid from pg_stat_activity, pg_sleep(0.02)
        where application_name = 'test' and pid <> pg_backend_pid() and datname = current_database() and query not like '%pg_terminate_backend%'
        order by random() limit 1) one`
  isOver = true
  await Promise.all(asking)
  expect(lost).toBeGreaterThan(rounds / 2)
  const pids = await Promise.all(
    Array.from({ length: own }, () => db.sql<{ pid: number }[]>`select pg_backend_pid() as pid from pg_sleep(0.2)`),
  )
  expect(new Set(pids.map(([row]) => row?.pid)).size).toBe(own)
})
