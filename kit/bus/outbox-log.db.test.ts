// When a reader of an outbox reads: at a hint about what it wants, and as soon as a row becomes readable. The poll of
// these readers is so slow that it never helps.

import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { connect } from '../db/connect.ts'
import { cloneDatabases, type TestDatabases } from '../testing/databases.ts'
import { until } from '../testing/settled.ts'
import { beginning, type OutboxReader, type Position, readOutbox } from './outbox-log.ts'

let databases: TestDatabases
let sql: ReturnType<typeof connect>
let reader: OutboxReader | undefined
beforeAll(async () => {
  databases = await cloneDatabases(inject('postgres'), ['alpha'])
  sql = connect(databases.url('alpha'), { max: 4 })
})
afterEach(() => reader?.stop())
afterAll(async () => {
  await sql?.end()
  await databases?.[Symbol.asyncDispose]()
})

const write = (type: string) => sql`insert into outbox (message) values (${JSON.stringify({ type })}::text::json)`
const hint = (...types: string[]) => sql`select pg_notify('outbox', ${types.join(' ')})`

/** Reads the outbox from the beginning; wants `wanted` alone. */
async function read(wanted: string) {
  const taken: string[] = []
  let reads = 0
  let position: Position = beginning
  reader = await readOutbox({
    url: databases.url('alpha'),
    applicationName: 'reader',
    rowsAtOnce: 10,
    pollMs: 600_000,
    from: async () => {
      reads++
      return position
    },
    wants: (types) => types.includes(wanted),
    take: async (rows) => {
      position = rows.at(-1)!
      taken.push(...rows.map(({ message }) => (message as { type: string }).type))
    },
    onFailure: (error) => {
      throw error
    },
  })
  return { taken, reads: () => reads }
}

it('reads nothing for a hint about types that it does not want', async () => {
  await sql`truncate outbox`
  await write('first')
  const { taken } = await read('bell')
  await until(
    async () => taken.length,
    (length) => length === 1,
    'what is there at the start',
  )
  for (let nth = 0; nth < 5; nth++) {
    await write('whistle')
    await hint('whistle')
  }
  expect(taken).toEqual(['first'])
  await write('bell')
  await hint('whistle', 'bell')
  await until(
    async () => taken.length,
    (length) => length === 7,
    'all rows, after the hint that names a wanted type',
  )
  expect(taken).toEqual(['first', ...Array(5).fill('whistle'), 'bell'])
  // A hint without types may be about anything.
  await write('whistle')
  await hint()
  await until(
    async () => taken.length,
    (length) => length === 8,
    'the row after a hint without types',
  )
})

it('takes a row as soon as the transactions that began before it have ended', async () => {
  await sql`truncate outbox`
  const { taken, reads } = await read('bell')
  const older = await sql.reserve()
  await older`begin`
  await older`select pg_current_xact_id()`
  await write('bell')
  // Twice: once the second read begins, the first one has found that the row is not readable.
  for (let nth = 0; nth < 2; nth++) {
    const before = reads()
    await hint('bell')
    await until(
      async () => reads(),
      (count) => count > before,
      'a read',
    )
  }
  // What the older one writes comes first.
  await older`insert into outbox (message) values ('{"type":"older"}')`
  expect(taken).toEqual([])
  await older`commit`
  older.release()
  await until(
    async () => taken.length,
    (length) => length === 2,
    'both rows, without another hint',
  )
  expect(taken).toEqual(['older', 'bell'])
})
