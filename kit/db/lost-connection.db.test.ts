// Transactions and statements whose connection is lost: each is rejected, none waits for ever, none ends the
// process, and none writes into another's transaction.

import { expect, inject, it, onTestFinished } from 'vitest'
import { cloneDatabases } from '../testing/databases.ts'
import { heapInUse } from '../testing/heap.ts'
import { openLink } from '../testing/link.ts'
import { until } from '../testing/settled.ts'
import { newId } from '../time/ids.ts'
import { type Database, isTransient, openDatabase } from './database.ts'

async function database({ answerWithinMs }: { answerWithinMs?: number } = {}) {
  const databases = await cloneDatabases(inject('postgres'), ['alpha'])
  const url = new URL(databases.url('alpha'))
  const link = await openLink(Number(url.port))
  url.port = String(link.port)
  const around = { now: () => new Date(), newId, notify: () => {} }
  const limit = answerWithinMs === undefined ? {} : { answerWithinMs }
  const db = openDatabase({ url: url.href, max: own, applicationName: 'test', ...around, ...limit })
  const direct = openDatabase({ url: databases.url('alpha'), max: 2, applicationName: 'direct', ...around })
  await direct.sql`create table notes (writer integer not null, part integer not null)`
  onTestFinished(async () => {
    await db.close()
    await direct.close()
    await link.close()
    await databases[Symbol.asyncDispose]()
  })
  return { db, direct, link }
}

/** Connections of the pool under test: this many for transactions, and as many for single statements. */
const own = 4
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (isTransient(error) ? 'lost' : String(error)),
  )

/** Makes every text unique, so that no statement is prepared already and what follows waits behind it. */
let unique = 0
const write = (db: Database, writer: number, between: () => Promise<unknown> = async () => {}) =>
  db.tx(async ({ sql, send }) => {
    const first = sql`insert into notes (writer, part) values (${writer}, 1)`
    await first
    await between()
    send(sql.unsafe(`/* ${++unique} */ insert into notes (writer, part) select $1, 2 from pg_sleep(0.005)`, [writer]))
    await sql`insert into notes (writer, part) values (${writer}, ${3})`
  })

/** Like `write`, but its own backend is ended midway. */
const writeAndLose = (db: Database, writer: number) =>
  db.tx(async ({ sql }) => {
    await sql`insert into notes (writer, part) values (${writer}, 1)`
    await sql`select pg_terminate_backend(pg_backend_pid(), 0)`
    await sql`insert into notes (writer, part) values (${writer}, 2)`
  })

it('rejects a transaction whose connection is lost as retryable, and the next one works', async () => {
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

it('loses only the transaction whose backend the operator ends', async () => {
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

it('leaves only whole transactions and usable connections while the backends of many writers are ended', async () => {
  const { db, direct } = await database()
  // Every third writer certainly loses its backend midway; whether the others lose theirs is chance.
  const isEnded = (writer: number) => writer % 3 === 0
  let breaking = true
  const breaker = (async () => {
    while (breaking)
      await direct.sql`
        select pg_terminate_backend(pid, 1000) from pg_stat_activity, pg_sleep(0.02)
        where application_name = 'test' and datname = current_database() and xact_start is not null`
  })()
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, (_, writer) => outcome(isEnded(writer) ? writeAndLose(db, writer) : write(db, writer))),
  )
  breaking = false
  await breaker
  expect(outcomes.filter((one) => one !== 'done' && one !== 'lost')).toEqual([])
  expect(outcomes.filter((_, writer) => isEnded(writer)).every((one) => one === 'lost')).toBe(true)
  const parts = await direct.sql<{ writer: number; parts: number }[]>`
    select writer, count(*)::int as parts from notes group by writer`
  expect(parts.filter(({ parts }) => parts !== 3)).toEqual([])
  expect(parts.filter(({ writer }) => isEnded(writer))).toEqual([])
  expect(parts.length).toBeGreaterThanOrEqual(outcomes.filter((one) => one === 'done').length)
  // The last backend may have been terminated while its connection was idle: the next user gets one error.
  let late = 0
  const writeAtLast = async (writer: number) => {
    while ((await outcome(write(db, writer))) === 'lost') late++
  }
  await Promise.all(Array.from({ length: 8 }, (_, writer) => writeAtLast(1_000 + writer)))
  expect(late).toBeLessThanOrEqual(own)
  const [last] = await direct.sql<{ parts: number }[]>`
    select count(*)::int as parts from notes where writer >= 1000`
  expect(last!.parts).toBe(8 * 3)
})

it('leaves no transaction open for the next user after an error that only resembles a lost connection', async () => {
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

it('refuses a statement after the end of its transaction', async () => {
  const { db, direct } = await database()
  const kept = await db.tx(async ({ sql }) => sql)
  expect(() => kept`insert into notes (writer, part) values (1, 1)`).toThrow('The transaction is over.')
  expect(await direct.sql`select * from notes`).toEqual([])
})

it('rejects statements whose connections are lost, and has all connections afterwards', async () => {
  const { db, direct } = await database()
  const gate = 4_711
  const waiting = () => direct.sql<{ pid: number }[]>`
    select l.pid from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.objid = ${gate} and not l.granted and a.datname = current_database()`
  for (let round = 0; round < 12; round++) {
    const killed = 1 + (round % own)
    let outcomes: Promise<string>[] = []
    await direct.tx(async ({ sql }) => {
      await sql`select pg_advisory_xact_lock(${gate})`
      // Twice as many as there are connections: half of them are in flight, half wait for a connection.
      outcomes = Array.from({ length: 2 * own }, (_, asker) =>
        outcome(
          db.sql`select ${'x'.repeat(100 * asker)}::text, pg_advisory_lock_shared(${gate}), pg_advisory_unlock_all()`,
        ),
      )
      const backends = await until(waiting, (rows) => rows.length === own, 'all connections to be in a statement')
      await sql`select pg_terminate_backend(pid, 5000)
        from unnest(${backends.slice(0, killed).map(({ pid }) => pid)}::int[]) pid`
    })
    const ends = await Promise.all(outcomes)
    expect(ends.toSorted()).toEqual([...Array(2 * own - killed).fill('done'), ...Array(killed).fill('lost')])
  }
  await expectWholePool(db)
})

it('gives no caller that waits a connection that was reset', async () => {
  const { db, direct, link } = await database()
  const asked = Array.from({ length: 2 * own }, () => outcome(db.sql`select pg_sleep(0.2)`))
  const busy = () => direct.sql`
    select pid from pg_stat_activity
    where application_name = 'test' and datname = current_database() and wait_event = 'PgSleep'`
  await until(busy, (rows) => rows.length === own, 'all connections to be in a statement')
  link.set('cut')
  link.set('open')
  const ends = await Promise.all(asked)
  expect(ends.toSorted()).toEqual([...Array(own).fill('done'), ...Array(own).fill('lost')])
  await expectWholePool(db)
})

it('answers statements correctly or rejects them individually while connections keep being ended', async () => {
  const { db, direct } = await database()
  let isOver = false
  const asking = Array.from({ length: 2 * own }, async (_, asker) => {
    for (let asked = 0; !isOver; asked++) {
      const text = 'x'.repeat(100 * asker)
      const found = await db.sql<{ asked: number }[]>`select ${asked}::int as asked, ${text}::text`.catch(
        (error: unknown) => {
          expect(isTransient(error)).toBe(true)
        },
      )
      if (found) expect(found[0]?.asked).toBe(asked)
    }
  })
  for (let round = 0; round < 100; round++)
    await direct.sql`
      select pg_terminate_backend(pid) from (
        select pid from pg_stat_activity, pg_sleep(0.01)
        where application_name = 'test' and datname = current_database()
        order by random() limit 1) one`
  isOver = true
  await Promise.all(asking)
  await expectWholePool(db)
})

it('gives up a silent database in time, and reaches it again over new connections', async () => {
  const { db, link } = await database({ answerWithinMs: 1_000 })
  const inAll = async (work: () => Promise<unknown>) => {
    const all = await Promise.all(Array.from({ length: 2 * own }, () => outcome(work())))
    return new Set(all)
  }
  const statement = () => db.sql`select pg_backend_pid()`
  const transaction = () => db.tx(async ({ sql }) => sql`select pg_backend_pid()`)
  expect([await inAll(statement), await inAll(transaction)]).toEqual([new Set(['done']), new Set(['done'])])
  link.forget()
  // More than there are connections: those that wait for one are given up as well, or get a new one.
  const [statements, transactions] = await Promise.all([inAll(statement), inAll(transaction)])
  expect([statements.has('lost'), transactions.has('lost')]).toEqual([true, true])
  expect([...statements, ...transactions].filter((one) => one !== 'lost' && one !== 'done')).toEqual([])
  // Idle connections on the silent link went with it: nothing waits for it a second time.
  expect([await inAll(statement), await inAll(transaction)]).toEqual([new Set(['done']), new Set(['done'])])
})

it('gives up a transaction whose link falls silent midway, and none of it is committed', async () => {
  const { db, direct, link } = await database({ answerWithinMs: 1_000 })
  const half = db.tx(async ({ sql }) => {
    await sql`insert into notes (writer, part) values (1, 1)`
    link.forget()
    await sql`insert into notes (writer, part) values (1, 2)`
  })
  expect(await outcome(half)).toBe('lost')
  await write(db, 2)
  expect(await direct.sql`select distinct writer from notes`).toEqual([{ writer: 2 }])
})

it('leaves no connection behind when the pool is closed while it connects', async () => {
  const { db, direct, link } = await database()
  link.set({ delayMs: 50 })
  const asked = Array.from({ length: own }, () => outcome(db.sql`select 1`))
  await db.close()
  await Promise.all(asked)
  await until(
    () => direct.sql`
      select pid from pg_stat_activity where application_name = 'test' and datname = current_database()`,
    (backends) => backends.length === 0,
    'the connections to be closed',
  )
})

it('leaves nothing of finished transactions in memory', async () => {
  const { db } = await database()
  const transact = async (times: number) => {
    for (let time = 0; time < times; time++) await db.tx(async ({ sql }) => sql`select 1`)
  }
  await transact(1_000)
  const before = heapInUse()
  await transact(4_000)
  // A race against a promise that outlives it costs some 370 bytes, and a transaction had three of them.
  expect((heapInUse() - before) / 4_000).toBeLessThan(100)
})

/** Runs as many transactions at once as there are connections, and expects each on its own connection. */
async function expectWholePool(db: Database): Promise<void> {
  const gate = Promise.withResolvers<void>()
  const pids: number[] = []
  const all = Array.from({ length: own }, () =>
    db.tx(async ({ sql }) => {
      const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
      pids.push(row!.pid)
      if (pids.length === own) gate.resolve()
      await gate.promise
    }),
  )
  await Promise.all(all)
  expect(new Set(pids).size).toBe(own)
}
