import { openDatabase } from '@aisle/kit/db/database'
import { createMetrics } from '@aisle/kit/metrics'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { newId } from '@aisle/kit/time/ids'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { addMeters } from './meters.ts'

let databases: Awaited<ReturnType<typeof cloneDatabases>>
let db: ReturnType<typeof openDatabase>
let read: (name: string) => Promise<number | undefined>
beforeEach(async () => {
  databases = await cloneDatabases(inject('postgres'), ['orders'])
  const around = { applicationName: 'test', now: () => new Date(), newId, notify: () => {} }
  db = openDatabase({ url: databases.url('orders'), max: 1, ...around })
  const metrics = createMetrics('orders')
  let now = Date.now()
  addMeters(metrics, db.sql, () => new Date(now))
  read = async (name) => {
    // A minute between two reads.
    now += 60_000
    const found = (await metrics.registry.getSingleMetric(name)?.get()) as { values: { value: number }[] } | undefined
    return found?.values[0]?.value
  }
})
afterEach(async () => {
  await db.close()
  await databases[Symbol.asyncDispose]()
})

/** An order for a ticket, made `minutes` ago. */
async function order(ticketId: string, status = 'complete', minutes = 0): Promise<string> {
  const id = newId()
  await db.sql`
    insert into orders (id, version, status, reason, buyer_id, seller_id, ticket_id, ticket_version, title, price,
      currency, payment_id, expires_at, created_at, updated_at)
    values (${id}, 1, ${status}, ${status === 'cancelled' ? 'buyer' : null}, ${newId()}, ${newId()}, ${ticketId}, 1, '',
      50, 'eur', ${newId()}, now(), now() - ${minutes}::int * interval '1 minute', now())`
  return id
}

it('a ticket that is sold twice is found, whenever its orders were made, and for as long as it is', async () => {
  const [first, second] = [newId(), newId()]
  await order(first)
  await order(second)
  expect([await read('tickets_index_valid'), await read('tickets_sold_twice')]).toEqual([1, 0])
  await db.sql`drop index orders_one_live_per_ticket`
  expect(await read('tickets_index_valid')).toBe(0)
  const again = await order(first)
  expect(await read('tickets_sold_twice')).toBe(1)
  await order(second)
  await order(second, 'cancelled')
  expect(await read('tickets_sold_twice')).toBe(2)
  for (let look = 0; look < 3; look++) expect(await read('tickets_sold_twice')).toBe(2)
  await db.sql`update orders set status = 'cancelled', reason = 'buyer' where id = ${again}`
  expect(await read('tickets_sold_twice')).toBe(1)
})

it('looks for them without the index that is there to prevent them', async () => {
  const lookUps = async () => {
    const [row] = await db.sql<{ count: number }[]>`
      select idx_scan::int as count, pg_stat_clear_snapshot() from pg_stat_user_indexes
      where indexrelname = 'orders_one_live_per_ticket'`
    return row!.count
  }
  for (let nr = 0; nr < 20; nr++) await order(newId())
  // Without the other index, this one would be PostgreSQL's choice.
  await db.sql`drop index orders_of_ticket`
  await db.sql`set enable_seqscan = off`
  await db.sql`select pg_stat_force_next_flush()`
  const before = await lookUps()
  expect(await read('tickets_sold_twice')).toBe(0)
  await db.sql`select pg_stat_force_next_flush()`
  expect(await lookUps()).toBe(before)
})

it('a process that starts finds what was sold twice before', async () => {
  await db.sql`drop index orders_one_live_per_ticket`
  const ticket = newId()
  await order(ticket)
  await order(ticket)
  expect(await read('tickets_sold_twice')).toBe(1)
})

it('the age of the oldest order without an answer is that of the oldest', async () => {
  expect(await read('order_created_oldest_seconds')).toBe(0)
  await order(newId(), 'created', 10)
  await order(newId(), 'created', 5)
  await order(newId(), 'complete', 60)
  const seconds = (await read('order_created_oldest_seconds'))!
  expect(seconds).toBeGreaterThanOrEqual(600)
  expect(seconds).toBeLessThan(3_000)
})
