// Rows are deleted when their retention ends, and not before; and none is deleted that a listener has not read.

import { expect, inject, it, onTestFinished } from 'vitest'
import { connect } from '../db/connect.ts'
import { cloneDatabases } from '../testing/databases.ts'
import { pruneOnce } from '../testing/prune-once.ts'

async function database() {
  const databases = await cloneDatabases(inject('postgres'), ['alpha'])
  const sql = connect(databases.url('alpha'), { max: 1 })
  onTestFinished(async () => {
    await sql.end()
    await databases[Symbol.asyncDispose]()
  })
  return { sql, prune: () => pruneOnce(databases.url('alpha')) }
}
it.each([
  ['idempotency_keys', 'created_at', '24 hours', `(scope, key, fingerprint, created_at) values ('a', $2, '', $1)`],
  ['inbox', 'consumed_at', '8 days', `(message_id, consumed_at) values (uuidv7(), $1)`],
  ['outbox', 'written_at', '7 days', `(message, written_at) values ('{}', $1)`],
  ['rate_counts', 'ends_at', '0 seconds', `(key, count, ends_at) values ($2, 1, $1)`],
])('%s by %s is kept for %s', async (table, column, kept, values) => {
  const { sql, prune } = await database()
  const [{ over, under } = { over: '', under: '' }] = await sql<{ over: string; under: string }[]>`
    select (date_trunc('second', now()) - ${kept}::text::interval - interval '1 minute')::text as over,
      (date_trunc('second', now()) - ${kept}::text::interval + interval '1 minute')::text as under`
  for (const at of [over, under]) {
    const parameters = values.includes('$2') ? [at, at] : [at]
    await sql.unsafe(`insert into ${table} ${values}`, parameters)
  }
  await prune()
  const left = await sql<{ at: string }[]>`select ${sql(column)}::text as at from ${sql(table)}`
  expect(left.map(({ at }) => at)).toEqual([under])
})

it('deletes many rows in batches, and reports that there are more', async () => {
  const { sql, prune } = await database()
  await sql`
    insert into inbox (message_id, consumed_at)
    select uuidv7(), now() - interval '9 days' from generate_series(1, 6000)`
  const again = await prune()
  const left = async () => (await sql<{ count: number }[]>`select count(*)::int as count from inbox`)[0]?.count
  expect(await left()).toBe(1_000)
  expect(await prune()).toBeGreaterThan(again)
  expect(await left()).toBe(0)
})

it('reads no large table, with statistics from when it was small', async () => {
  const { sql, prune } = await database()
  await sql`analyze`
  await sql`insert into outbox (message) select '{}' from generate_series(1, 20000)`
  await sql`insert into inbox (message_id) select uuidv7() from generate_series(1, 20000)`
  await sql`insert into idempotency_keys (scope, key, fingerprint, created_at)
    select 'a', n::text, '', now() from generate_series(1, 20000) n`
  const scans = async () => {
    await sql`select pg_stat_clear_snapshot()`
    return sql<{ name: string; count: number }[]>`
      select relname as name, seq_scan::int as count from pg_stat_user_tables
      where relname in ('outbox', 'inbox', 'idempotency_keys') order by 1`
  }
  // The reads of this connection are counted now; a connection that is closed has counted its own.
  await sql`select pg_stat_force_next_flush()`
  const before = await scans()
  await prune()
  expect(await scans()).toEqual(before)
})

it('keeps an outbox from the message at which the slowest listener is', async () => {
  const { sql, prune } = await database()
  for (let nth = 0; nth < 6; nth++)
    await sql`insert into outbox (message, written_at)
      values (${`{"n":${nth}}`}::text::json, now() - interval '8 days')`
  const rows = await sql<
    { xid: string; seq: string }[]
  >`select xid::text, seq::text from outbox order by outbox.xid, outbox.seq`
  const left = async () =>
    (await sql<{ n: number }[]>`select (message ->> 'n')::int as n from outbox order by outbox.xid, outbox.seq`).map(
      ({ n }) => n,
    )
  const report = (name: string, nth: number) =>
    sql`select report_position(${name}, ${rows[nth]!.xid}, ${rows[nth]!.seq})`
  await report('fast', 5)
  await report('slow', 2)
  await prune()
  expect(await left()).toEqual([2, 3, 4, 5])
  await report('slow', 4)
  await prune()
  expect(await left()).toEqual([4, 5])
})

it('keeps an outbox from the message after which nothing is on the broker yet', async () => {
  const { sql, prune } = await database()
  for (let nth = 0; nth < 4; nth++)
    await sql`insert into outbox (message, written_at) values ('{}', now() - interval '8 days')`
  await sql`
    update relay_position
    set (xid, seq) = (select xid, seq from outbox order by outbox.xid, outbox.seq offset 1 limit 1)`
  await prune()
  expect((await sql`select from outbox`).length).toBe(3)
})

it('lets a listener report its position, and change nothing else', async () => {
  const databases = await cloneDatabases(inject('postgres'), ['alpha'])
  const reader = connect(databases.url('alpha', 'alpha_reader'), { max: 1 })
  try {
    await reader`select report_position('beta', '12', '34')`
    await expect(reader`insert into outbox_listeners values ('beta', '1', 1, now())`).rejects.toThrow(
      'permission denied',
    )
    await expect(reader`delete from outbox`).rejects.toThrow('permission denied')
    await expect(reader`select report_position('beta', 'nonsense', '34')`).rejects.toThrow('invalid input syntax')
  } finally {
    await reader.end()
    await databases[Symbol.asyncDispose]()
  }
})
