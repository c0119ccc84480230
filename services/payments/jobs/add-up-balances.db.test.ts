// A balance is what the ledger says, at any time: while sales and refunds are written, and while two replicas add up.

import type { Balance } from '@aisle/contracts/entities'
import type { Service } from '@aisle/kit/boot/service'
import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases, type TestDatabases } from '@aisle/kit/testing/databases'
import { newId } from '@aisle/kit/time/ids'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { showBalance } from '../features/show-balance.ts'
import { addUpBalances } from './add-up-balances.ts'

let databases: TestDatabases
let sql: ReturnType<typeof connect>
beforeEach(async () => {
  databases = await cloneDatabases(inject('postgres'), ['payments'])
  sql = connect(databases.url('payments'), { max: 8 })
})
afterEach(async () => {
  await sql.end()
  await databases[Symbol.asyncDispose]()
})

const service = () => ({ db: { sql } }) as unknown as Service<never, never>
const addUp = () => addUpBalances.run(service() as never)

async function shown(userId: string): Promise<Balance[]> {
  if (showBalance.kind !== 'query') throw new Error('showBalance is no query')
  const answer = await showBalance.handle({ session: { userId } } as never, service())
  return (answer as { body: Balance[] }).body
}

/** What the rows of the ledger sum to. */
const inLedger = async (sellerId: string): Promise<Balance[]> => [
  ...(await sql<Balance[]>`
    select currency, coalesce(sum(buyer) filter (where kind = 'sale'), 0)::float8 as sold,
      (0 - sum(platform))::float8 as fees,
      (0 - coalesce(sum(buyer) filter (where kind in ('refund', 'refund-undone')), 0))::float8 as refunded,
      (0 - sum(seller))::float8 as due
    from ledger where seller_id = ${sellerId} group by currency order by currency`),
]

/** Writes rows of every kind, `count` at a time. */
async function write(sellers: readonly string[], count: number): Promise<void> {
  await sql`
    with o as (
      insert into orders (id, version, status, buyer_id, seller_id, price, currency, expires_at)
      select uuidv7(), 1, 'complete', uuidv7(), (${sellers}::uuid[])[1 + n % ${sellers.length}::int], 5000,
        (array['usd', 'eur'])[1 + n % 2], now()
      from generate_series(1, ${count}::int) n returning *),
    p as (
      insert into payments (id, order_id, attempt, version, status, amount, currency, created_at, updated_at)
      select uuidv7(), id, 1, 1, 'captured', price, currency, now(), now() from o returning *)
    insert into ledger (id, kind, order_id, payment_id, seller_id, currency, buyer, seller, platform, provider,
      booked_at)
    select uuidv7(), k.kind, p.order_id, p.id, o.seller_id, p.currency, k.buyer, k.seller, k.platform, k.provider, now()
    from p join o on o.id = p.order_id, (values ('sale', 5000, -4750, -250, 0), ('capture', -5000, 0, 0, 5000),
      ('refund', -1000, 950, 50, 0), ('payback', 1000, 0, 0, -1000), ('payback-failed', -1000, 0, 0, 1000),
      ('refund-undone', 1000, -950, -50, 0), ('refund', -700, 665, 35, 0))
      k (kind, buyer, seller, platform, provider)`
}

it('is what the ledger says, before and after it is added up', async () => {
  const [seller, other, nobody] = [newId(), newId(), newId()]
  await write([seller, other], 40)
  expect(await inLedger(seller)).toHaveLength(1)
  const sums = [await inLedger(seller), await inLedger(other)]
  expect([await shown(seller), await shown(other), await shown(nobody)]).toEqual([...sums, []])
  expect(await addUp()).toBe(10_000)
  expect((await sql`select from balance_changes`).length).toBe(0)
  expect([await shown(seller), await shown(other)]).toEqual(sums)
  await write([seller], 10)
  expect(await shown(seller)).toEqual(await inLedger(seller))
  await addUp()
  expect(await shown(seller)).toEqual(await inLedger(seller))
})

it('leaves nothing of a transaction that is rolled back', async () => {
  const seller = newId()
  await write([seller], 2)
  await expect(
    sql.begin(async (tx) => {
      await tx`insert into ledger (id, kind, order_id, payment_id, seller_id, currency, buyer, seller, booked_at)
        select uuidv7(), kind, order_id, payment_id, seller_id, currency, 100, -100, now() from ledger`
      throw new Error('enough')
    }),
  ).rejects.toThrow('enough')
  expect(await shown(seller)).toEqual(await inLedger(seller))
})

it('no sum is lost or counted twice while replicas add up and sales are written', async () => {
  const sellers = Array.from({ length: 3 }, newId)
  let isWriting = true
  const writing = (async () => {
    for (let n = 0; n < 60; n++) await write(sellers, 1 + (n % 7))
    isWriting = false
  })()
  const adding = [1, 2].map(async () => {
    while (isWriting) await addUp()
  })
  const looking = (async () => {
    // Sold never falls: a look between two tables would miss what is on its way from one to the other.
    const before = new Map<string, number>()
    while (isWriting)
      for (const seller of sellers)
        for (const { currency, sold } of await shown(seller)) {
          expect(sold).toBeGreaterThanOrEqual(before.get(`${seller} ${currency}`) ?? 0)
          before.set(`${seller} ${currency}`, sold)
        }
  })()
  await Promise.all([writing, ...adding, looking])
  for (const seller of sellers) expect(await shown(seller)).toEqual(await inLedger(seller))
  await addUp()
  for (const seller of sellers) expect(await shown(seller)).toEqual(await inLedger(seller))
})

it('many sums are added in batches, with the next batch soon', async () => {
  await sql`
    insert into balance_changes select uuidv7(), 'usd', 1, 0, 0, 1 from generate_series(1, 6000)`
  const left = async () => (await sql`select from balance_changes`).length
  expect([await addUp(), await left()]).toEqual([100, 1000])
  expect([await addUp(), await left()]).toEqual([10_000, 0])
})
