import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { expect, inject, it, onTestFinished } from 'vitest'
import { createPace, type Place, takePlaces } from './pace.ts'

/** The connection pools of two replicas. */
async function replicas() {
  const databases = await cloneDatabases(inject('postgres'), ['payments'])
  const pools = [1, 2].map(() => connect(databases.url('payments'), { max: 2 }))
  onTestFinished(async () => {
    for (const sql of pools) await sql.end()
    await databases[Symbol.asyncDispose]()
  })
  return pools as [(typeof pools)[0], (typeof pools)[0]]
}

/** A clock whose waits end at once, and which records how long they would have been. */
function impatient() {
  const waits: number[] = []
  return {
    waits,
    after(ms: number, wake: () => void) {
      waits.push(ms)
      wake()
      return () => {}
    },
  }
}

it.each([
  [25, 100],
  [100, 300],
  [5, 20],
])('in no second more than %i calls may go, of all replicas together', async (limit, count) => {
  const pools = await replicas()
  const taken: Place[][] = []
  // Both pools at once, a few places at a time. The places are granted by the database's clock, however slow
  // this machine is.
  await Promise.all(
    pools.map(async (sql) => {
      for (let left = count; left > 0; left -= limit) taken.push(await takePlaces(sql, limit, Math.min(left, limit)))
    }),
  )
  // A place in the past may go at once, that is, at the moment of asking.
  const moments = taken
    .flatMap((places) => places.map(({ at, inMs }) => Math.max(at, at - inMs)))
    .toSorted((a, b) => a - b)
  expect(moments).toHaveLength(2 * count)
  const most = Math.max(...moments.map((at) => moments.filter((other) => other >= at && other < at + 999.9).length))
  expect(most).toBeLessThanOrEqual(limit)
})

it.each([25, 100, 5])('a crowd that asks for %i a second gets at least three quarters of that', async (limit) => {
  const [sql] = await replicas()
  const places = await takePlaces(sql, limit, limit)
  expect(places.at(-1)!.at - places[0]!.at).toBeLessThan(1_000 / 0.75)
})

it('all who ask are let go, in the order in which they came', async () => {
  const [sql] = await replicas()
  const clock = impatient()
  const pace = createPace(sql, 10, clock)
  const gone: number[] = []
  await Promise.all(Array.from({ length: 55 }, (_, caller) => pace().then(() => gone.push(caller))))
  expect(gone).toEqual(Array.from({ length: 55 }, (_, caller) => caller))
})

it('a clock that was a day ahead costs half a minute at most, also those who are waiting already', async () => {
  const [sql, other] = await replicas()
  await takePlaces(sql, 25, 1)
  await other`update provider_pace set free_at = clock_timestamp() + interval '1 day'`
  const clock = impatient()
  const pace = createPace(sql, 25, clock)
  await Promise.all(Array.from({ length: 100 }, () => pace()))
  expect(Math.max(...clock.waits)).toBeLessThan(30_000)
  const [row] = await other<{ ahead: number }[]>`
    select extract(epoch from free_at - clock_timestamp())::float8 as ahead from provider_pace`
  expect(row!.ahead).toBeLessThan(30)
})
