// Statements of a pool: lazy, executed once, and parts of any other statement.

import { expect, inject, it, onTestFinished } from 'vitest'
import { cloneDatabases } from '../testing/databases.ts'
import { heapInUse } from '../testing/heap.ts'
import { newId } from '../time/ids.ts'
import { connect } from './connect.ts'
import { openDatabase } from './database.ts'

async function database() {
  const databases = await cloneDatabases(inject('postgres'), ['alpha'])
  const url = databases.url('alpha')
  const sql = connect(url, { max: 2 })
  const around = { now: () => new Date(), newId, notify: () => {} }
  const db = openDatabase({ url, max: 2, applicationName: 'test', ...around })
  await sql`create table notes (n integer not null, words text)`
  onTestFinished(async () => {
    await db.close()
    await sql.end()
    await databases[Symbol.asyncDispose]()
  })
  return { sql, db }
}

it('is executed once, and only when it is awaited or executed', async () => {
  const { sql } = await database()
  const write = (n: number) => sql`insert into notes (n) values (${n})`
  write(1)
  const [awaited, executed] = [write(2), write(3).execute()]
  await Promise.all([awaited, awaited, executed, awaited.finally(() => {})])
  expect(await sql`select n from notes order by n`).toEqual([{ n: 2 }, { n: 3 }])
})

it('rejects with the error of the server, after which its connection serves the next one', async () => {
  const { sql } = await database()
  for (let n = 0; n < 4; n++) await expect(sql`insert into notes (n) values (null)`).rejects.toThrow('null value')
  expect(await sql`select 1 as n`.catch(() => null)).toEqual([{ n: 1 }])
})

it('is a part of any other statement, with its values', async () => {
  const { sql, db } = await database()
  await sql`insert into notes ${sql([1, 2, 3].map((n) => ({ n, words: `note ${n}` })))}`
  const above = (n: number) => db.sql`${db.sql('n')} > ${n}`
  const conditions = [sql`${above(1)}`, sql`and n < ${3}`]
  const expected = [{ n: 2, words: 'note 2' }]
  expect(await sql`select * from notes where ${conditions}`).toEqual(expected)
  expect(await db.tx(async (tx) => tx.sql`select * from notes where ${conditions}`)).toEqual(expected)
  expect(await db.tx(async (tx) => sql`select * from notes where ${[tx.sql`n > 1`, tx.sql`and n < 3`]}`)).toEqual(
    expected,
  )
  expect(await sql.begin((tx) => tx`select * from notes where ${conditions}`)).toEqual(expected)
  expect(await sql.begin('read only', (tx) => tx`select * from notes where ${conditions}`)).toEqual(expected)
  const reserved = await sql.reserve()
  expect(await reserved`select * from notes where ${conditions}`).toEqual(expected)
  reserved.release()
})

it('executes text as it is, with parameters or as several statements', async () => {
  const { sql } = await database()
  await sql.unsafe('insert into notes (n) values (1); insert into notes (n) values (2)')
  expect(await sql.unsafe('select n from notes where n > $1', [1])).toEqual([{ n: 2 }])
  expect(await sql`select n from notes where ${sql.unsafe('n < 2')}`).toEqual([{ n: 1 }])
})

it('is refused where only a value may stand', async () => {
  const { sql } = await database()
  const wrong = sql`insert into notes ${sql([{ n: 1, words: sql`now()` as never }])}`
  await expect(wrong).rejects.toThrow('it is not a value')
  expect(await sql`select n from notes`).toEqual([])
})

it('leaves nothing in memory once it is settled', async () => {
  const { sql } = await database()
  const ask = async (times: number) => {
    for (let time = 0; time < times; time++) await sql`select ${time}::int`
  }
  await ask(1_000)
  const before = heapInUse()
  await ask(4_000)
  expect((heapInUse() - before) / 4_000).toBeLessThan(100)
})
