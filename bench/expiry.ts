// (d) How late windows run out with 200,000 timers pending. 2,000 of them fall due within ten seconds.
// Reference: the same number of due rows with no others pending.

import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchStack } from './stack.ts'
import { ms, percentile, type Row } from './table.ts'

const pending = 200_000
const due = 2_000

export async function expiry(stack: BenchStack): Promise<Row> {
  const few = await lateness(stack)
  const sql = stack.sql('expiration')
  await sql`
    insert into timers (order_id, version, due_at, status, changed_at)
    select uuidv7(), 1, now() + interval '1 day' + n * interval '1 second', 'set', now()
    from generate_series(1, ${pending}::int) n`
  const many = await lateness(stack)
  return {
    name: '(d) expiry with 200,000 timers pending',
    ours: `p50 ${ms(percentile(many, 0.5))}, p99 ${ms(percentile(many, 0.99))} late`,
    reference: `none pending: p50 ${ms(percentile(few, 0.5))}, p99 ${ms(percentile(few, 0.99))} late`,
    ratio: `${(percentile(many, 0.99) / percentile(few, 0.99)).toFixed(1)} x at p99`,
    aim: 'p99 under 50 ms',
    figures: { p99Ms: percentile(many, 0.99), p99MsWithNone: percentile(few, 0.99) },
  }
}

async function lateness(stack: BenchStack): Promise<number[]> {
  const sql = stack.sql('expiration')
  await sql`truncate timers`
  const [{ mark } = { mark: new Date() }] = await sql<{ mark: Date }[]>`select clock_timestamp() as mark`
  await sql`
    insert into timers (order_id, version, due_at, status, changed_at)
    select uuidv7(), 1, now() + interval '2 seconds' + random() * interval '10 seconds', 'set', now()
    from generate_series(1, ${due}::int)`
  for (let rung = 0; rung < due; ) {
    await sleep(200)
    const [row] = await sql<{ rung: number }[]>`select count(*)::int as rung from timers where status = 'rung'`
    rung = row?.rung ?? 0
  }
  // The message's own time is read after the row is marked, in the transaction that commits right after.
  const rows = await sql<{ late: number }[]>`
    select extract(epoch from (message ->> 'time')::timestamptz - (message -> 'data' ->> 'expiresAt')::timestamptz)::float8 * 1000 as late
    from outbox where message ->> 'type' = 'expiration:complete' and written_at > ${mark}`
  return rows.map(({ late }) => late)
}
