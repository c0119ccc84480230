import { expect, inject, it, onTestFinished } from 'vitest'
import { connect } from '../db/connect.ts'
import { cloneDatabases } from '../testing/databases.ts'
import { createRateCounts, type RateCounts } from './rate-counts.ts'

const limit = 20

/** Two replicas on one database; a client may call either. */
async function replicas() {
  const databases = await cloneDatabases(inject('postgres'), ['alpha'])
  const sql = connect(databases.url('alpha'), { max: 2 })
  onTestFinished(async () => {
    await sql.end()
    await databases[Symbol.asyncDispose]()
  })
  const one = () => {
    const counts = createRateCounts(sql)
    return { counts, store: new counts.Store() }
  }
  return { sql, here: one(), there: one() }
}

function call({ store }: { store: InstanceType<RateCounts['Store']> }, client = '10.0.0.1', windowMs = 60_000) {
  let result = { current: 0, ttl: 0 }
  store.incr(client, (_error, counted) => (result = counted), windowMs, limit)
  return result
}

it('counts calls across replicas, with a short delay', async () => {
  const { here, there } = await replicas()
  for (let nth = 1; nth <= 5; nth++) expect(call(here).current).toBe(nth)
  for (let nth = 1; nth <= 7; nth++) expect(call(there).current).toBe(nth)
  await here.counts.share()
  await there.counts.share()
  expect(call(there).current).toBe(13)
  await there.counts.share()
  expect(call(here).current).toBe(6)
  await here.counts.share()
  expect(call(here).current).toBe(15)
})

it('counts clients and routes separately', async () => {
  const { here } = await replicas()
  const route = { counts: here.counts, store: here.store.child({ routeInfo: { method: 'POST', url: '/api/users' } }) }
  for (let nth = 0; nth < 5; nth++) call(here)
  await here.counts.share()
  expect([call(here, '10.0.0.2').current, call(route).current, call(here).current]).toEqual([1, 1, 6])
})

it('spends no row on a client that calls rarely', async () => {
  const { here, sql } = await replicas()
  call(here)
  await here.counts.share()
  expect(await sql`select * from rate_counts`).toEqual([])
})

it('starts counting again when the window is over, everywhere', async () => {
  const { here, there, sql } = await replicas()
  for (let nth = 0; nth < 5; nth++) call(here)
  for (let nth = 0; nth < 5; nth++) call(there)
  await here.counts.share()
  await sql`update rate_counts set ends_at = clock_timestamp() - interval '1 second'`
  await there.counts.share()
  expect(call(there).current).toBe(6)
  expect(call(here, '10.0.0.9', 0)).toEqual({ current: 1, ttl: 0 })
  expect(call(here, '10.0.0.9', 0).current).toBe(1)
})
