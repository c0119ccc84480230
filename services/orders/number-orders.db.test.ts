import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isOrderNumber } from '@aisle/contracts/order-number'
import { openDatabase } from '@aisle/kit/db/database'
import { migrate } from '@aisle/kit/db/migrate'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { newId } from '@aisle/kit/time/ids'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import type { OrdersService } from './context.ts'
import { numberOrders } from './number-orders.ts'

const kit = new URL('../../kit/migrations/', import.meta.url)
const own = new URL('./migrations/', import.meta.url)

let databases: Awaited<ReturnType<typeof cloneDatabases>>
let db: ReturnType<typeof openDatabase>
beforeEach(async () => {
  databases = await cloneDatabases(inject('postgres'), ['alpha', 'orders'])
  const around = { applicationName: 'test', now: () => new Date(), newId, notify: () => {} }
  db = openDatabase({ url: databases.url('orders'), max: 4, ...around })
})
afterEach(async () => {
  await db.close()
  await databases[Symbol.asyncDispose]()
})

/** Inserts orders as a process of the version before does, which knows nothing of numbers. */
const insert = (count: number, into = db) => into.sql`
  insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
    expires_at, created_at, updated_at)
  select id, 1, 'created', id, id, id, 1, '', 50, 'eur', now(), now(), now()
  from unnest(${Array.from({ length: count }, newId)}::uuid[]) id`

const numbers = async (of = db) =>
  (await of.sql<{ number: string }[]>`select number from orders order by id`).map(({ number }) => number)

it('a thousand orders that are made at once have different numbers, which are order numbers', async () => {
  await Promise.all(Array.from({ length: 20 }, () => insert(50)))
  const made = await numbers()
  expect(new Set(made).size).toBe(1_000)
  expect(made.filter((number) => !isOrderNumber(number))).toEqual([])
  await expect(db.sql`update orders set number = ${made[0]!}`).rejects.toThrow('orders_number_key')
})

it('numbers stay different and right, up to the last', async () => {
  const rows = await db.sql<{ number: string }[]>`
    select order_number(nth) as number
    from (select generate_series(0, 9999) union all select generate_series(17179859184, 17179869183)) as t (nth)`
  const made = rows.map(({ number }) => number)
  expect(new Set(made).size).toBe(20_000)
  expect(made.filter((number) => !isOrderNumber(number))).toEqual([])
  await expect(db.sql`select order_number(17179869184)`).rejects.toThrow('no order number for 17179869184')
  await expect(db.sql`select order_number(-1)`).rejects.toThrow('no order number for -1')
})

it('a number does not tell how many orders there are: with another key, the first orders have others', async () => {
  const first = () => db.sql<{ number: string }[]>`select order_number(nth) as number from generate_series(0, 9) nth`
  const [before] = [await first()]
  // In their own order they would begin alike: seven characters count to 17 billion.
  expect(new Set(before.map(({ number }) => number.slice(0, 2))).size).toBeGreaterThan(5)
  await db.sql`update order_number_key set key = sha256(key)`
  const after = await first()
  expect(after.filter(({ number }) => before.some((one) => one.number === number))).toEqual([])
  await expect(db.sql`insert into order_number_key (key) values ('')`).rejects.toThrow('order_number_key_pkey')
})

it('orders from before there were numbers get theirs, a few at a time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aisle-numbers-'))
  const around = { applicationName: 'test', now: () => new Date(), newId, notify: () => {} }
  const old = openDatabase({ url: databases.url('alpha'), max: 4, ...around })
  try {
    for (const name of await readdir(own))
      if (name < '0030') await cp(fileURLToPath(new URL(name, own)), join(folder, name))
    await migrate(databases.url('alpha'), { kit, own: pathToFileURL(`${folder}/`) })
    await insert(450, old)
    await migrate(databases.url('alpha'), { kit, own })
    expect((await numbers(old)).filter((number) => number !== null)).toEqual([])

    const service = { db: old } as unknown as OrdersService
    const again = await Promise.all([numberOrders.run(service), numberOrders.run(service)])
    expect(Math.max(...again)).toBeLessThan(100)
    await numberOrders.run(service)
    expect(await numberOrders.run(service)).toBe(60_000)
    const made = await numbers(old)
    expect(new Set(made).size).toBe(450)
    expect(made.filter((number) => !isOrderNumber(number))).toEqual([])
  } finally {
    await old.close()
    await rm(folder, { recursive: true })
  }
})
