// Data with a retention period is deleted when the period is over, and not before: in small batches, and
// nothing that is still needed.

import { services } from '@aisle/dev/stack'
import type { Service } from '@aisle/kit/boot/service'
import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { testClock } from '@aisle/kit/testing/test-clock'
import { forgetWork } from '@aisle/kit/work/forget-work'
import { expect, inject, it } from 'vitest'

type Case = {
  service: string
  job: string
  table: string
  /** The column with the age. */
  column: string
  days: number
  /** Inserts a row of that age. */
  insert: string
  /** Inserts a row that must stay regardless of its age. */
  keep?: string
}

const order = `
  with o as (
    insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
      payment_id, expires_at, created_at, updated_at)
    values (uuidv7(), 1, 'complete', uuidv7(), uuidv7(), uuidv7(), 1, '', 50, 'eur', uuidv7(), now(), now(), now())
    returning id)`
const cases: Case[] = [
  {
    service: 'payments',
    job: 'forget work',
    table: 'work',
    column: 'created_at',
    days: 30,
    insert: `insert into work (key, kind, subject, data, status, next_try_at, created_at, finished_at)
      values ('webhook:' || uuidv7(), 'webhook', '', '{}', 'done', now(), $1, $1)`,
    keep: `insert into work (key, kind, subject, data, next_try_at, created_at)
      values ('webhook:pending', 'webhook', '', '{}', now(), $1)`,
  },
  {
    service: 'payments',
    job: 'forget work',
    table: 'work',
    column: 'created_at',
    days: 400,
    insert: `insert into work (key, kind, subject, data, status, next_try_at, created_at, finished_at)
      values ('capture:' || uuidv7(), 'capture', '', '{}', 'done', now(), $1, $1)`,
    keep: `insert into work (key, kind, subject, data, next_try_at, created_at)
      values ('capture:pending', 'capture', '', '{}', now(), $1)`,
  },
  {
    service: 'payments',
    job: 'forget comparisons',
    table: 'book_comparisons',
    column: 'night',
    days: 400,
    insert: `insert into book_comparisons (night) values ($1::timestamptz::date)`,
  },
  {
    service: 'orders',
    job: 'forget steps',
    table: 'order_steps',
    column: 'at',
    days: 400,
    insert: `${order} insert into order_steps (order_id, version, status, expires_at, at)
      select id, 1, 'created', now(), $1 from o`,
  },
  {
    service: 'tickets',
    job: 'forget ended orders',
    table: 'ended_orders',
    column: 'ended_at',
    days: 8,
    insert: `insert into ended_orders (order_id, ended_at) values (uuidv7(), $1)`,
  },
  {
    service: 'expiration',
    job: 'forget timers',
    table: 'timers',
    column: 'changed_at',
    days: 8,
    insert: `insert into timers (order_id, version, due_at, status, changed_at)
      values (uuidv7(), 1, now(), 'rung', $1)`,
    keep: `insert into timers (order_id, version, due_at, status, changed_at) values (uuidv7(), 1, now(), 'set', $1)`,
  },
]

const dayMs = 24 * 60 * 60 * 1000

it.each(cases.map((one) => [one.service, one.table, one.days, one] as const))(
  '%s keeps %s for %i days',
  async (service, table, days, { job: name, column, insert, keep }) => {
    await using databases = await cloneDatabases(inject('postgres'), [service])
    const sql = connect(databases.url(service), { max: 1 })
    try {
      const definition = services.find((one) => one.name === service)!
      const clock = testClock(new Date('2026-05-01T12:00:00Z'))
      const job = definition.jobs?.find((one) => one.name === name)
      const forget = () =>
        job
          ? job.run({ db: { sql }, clock } as unknown as Service)
          : forgetWork(sql, clock, name === 'forget work' ? (definition.work ?? []) : [])
      const ago = (ms: number) => new Date(clock.now().getTime() - ms).toISOString()
      const [over, under] = [ago((days + 1) * dayMs), ago((days - 1) * dayMs)]
      for (const at of [over, under]) await sql.unsafe(insert, [at])
      if (keep) await sql.unsafe(keep, [over])
      await forget()
      const left = await sql<{ at: string }[]>`
        select (${sql(column)}::timestamptz at time zone 'utc')::date::text as at from ${sql(table)} order by 1 desc`
      expect(left.map(({ at }) => at)).toEqual([under, ...(keep ? [over] : [])].map((at) => at.slice(0, 10)))
    } finally {
      await sql.end()
    }
  },
)

it('many rows are deleted in batches, with the next batch soon', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['tickets'])
  const sql = connect(databases.url('tickets'), { max: 1 })
  try {
    await sql`insert into ended_orders select uuidv7(), now() - interval '9 days' from generate_series(1, 1500)`
    const job = services
      .find(({ name }) => name === 'tickets')!
      .jobs!.find(({ name }) => name === 'forget ended orders')!
    const forget = () => job.run({ db: { sql }, clock: { now: () => new Date() } } as unknown as Service)
    const left = async () => (await sql`select from ended_orders`).length
    expect([await forget(), await left()]).toEqual([100, 500])
    expect([await forget(), await left()]).toEqual([600_000, 0])
  } finally {
    await sql.end()
  }
})
