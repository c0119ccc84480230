// A search that the database would answer late is cut off, and takes nothing away from other statements.

import { connect } from '@aisle/kit/db/connect'
import type { Sql } from '@aisle/kit/db/database'
import { cloneDatabases, type TestDatabases } from '@aisle/kit/testing/databases'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { createLists, type Lists, searchesAtOnce } from './lists.ts'

let databases: TestDatabases
let sql: ReturnType<typeof connect>
let lists: Lists
beforeEach(async () => {
  databases = await cloneDatabases(inject('postgres'), ['tickets'])
  sql = connect(databases.url('tickets'), { max: 1 })
  lists = createLists(sql, databases.url('tickets'))
})
afterEach(async () => {
  await Promise.all([lists.close(), sql.end()])
  await databases[Symbol.asyncDispose]()
})

const slow = async (sql: Sql) => {
  await sql`select pg_sleep(60)`
  return 'late'
}
const quick = async (sql: Sql) => {
  const [row] = await sql<{ one: number }[]>`select 1 as one`
  return row!.one
}
const search = <T>(key: string, read: (sql: Sql) => Promise<T>) => lists.read({ key, isSearch: true }, read)

/** How many slow searches the server is busy with. */
async function busy(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'tickets searches' and query like '%pg_sleep(60)%'
      and state = 'active'`
  return row!.count
}

it('a slow search is refused, with the time after which to try again, and the server no longer works on it', async () => {
  expect(await search('slow', slow)).toMatchObject({ refused: 'unavailable', extra: { retryAfterSeconds: 2 } })
  expect(await busy()).toBe(0)
  expect(await search('quick', quick)).toBe(1)
})

it('slow searches take no connection away from other statements, and too many are turned away at once', async () => {
  let refused = 0
  const late = Array.from({ length: searchesAtOnce + 100 }, (_, nr) =>
    search(`slow ${nr}`, slow).then((answer) => {
      expect(answer).toMatchObject({ refused: 'unavailable' })
      refused++
    }),
  )
  while ((await busy()) < searchesAtOnce);
  expect(await lists.read({ key: 'list', isSearch: false }, quick)).toBe(1)
  expect(await search('one more', quick)).toMatchObject({
    refused: 'unavailable',
    errors: [{ message: 'Too many searches at once. Try again in a moment.' }],
  })
  expect(refused).toBe(0)
  await Promise.all(late)
})

it('equal lists are read once for all who ask meanwhile, and again for who asks later', async () => {
  let reads = 0
  const read = async (sql: Sql) => {
    reads++
    return quick(sql)
  }
  const list = { key: 'list', isSearch: false }
  expect(await Promise.all(Array.from({ length: 50 }, () => lists.read(list, read)))).toEqual(Array(50).fill(1))
  expect(reads).toBe(2)
  await lists.read(list, read)
  expect(reads).toBe(3)
})

it('an error that is not about time stays an error', async () => {
  await expect(search('wrong', (sql) => sql`select nothing`)).rejects.toThrow(/nothing/)
})
