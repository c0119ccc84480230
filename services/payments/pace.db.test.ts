import { connect } from '@aisle/kit/db/connect'
import type { Sql } from '@aisle/kit/db/database'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { expect, inject, it } from 'vitest'
import { createPace } from './pace.ts'

/** Asks for `count` places from each of two replicas; resolves to the moments, in milliseconds, at which they were let go. */
async function ask(callsPerSecond: number, count: number): Promise<number[]> {
  await using databases = await cloneDatabases(inject('postgres'), ['payments'])
  const moments: number[] = []
  // What is measured is what was promised, not how punctual this machine is.
  const clock = {
    after(ms: number, wake: () => void) {
      moments.push(performance.now() + ms)
      wake()
      return () => {}
    },
  }
  const pools = [1, 2].map(() => connect(databases.url('payments'), { max: 2 }))
  await Promise.all(
    pools.flatMap((sql) => {
      const pace = createPace(sql as Sql, callsPerSecond, clock)
      return Array.from({ length: count }, () => pace().then(() => performance.now()))
    }),
  ).then((went) => moments.push(...went.slice(0, 2 * count - moments.length)))
  for (const sql of pools) await sql.end()
  return moments.toSorted((a, b) => a - b)
}

it.each([
  [25, 100],
  [100, 300],
  [5, 20],
])('in no second more than %i calls go out, of all replicas together', async (limit, count) => {
  const moments = await ask(limit, count)
  expect(moments).toHaveLength(2 * count)
  const most = Math.max(...moments.map((at) => moments.filter((other) => other >= at && other < at + 1_000).length))
  // The moment of asking is known to some milliseconds: one call may fall on either side of the second.
  expect(most).toBeLessThanOrEqual(limit + 1)
  // And it is not much slower than it may be.
  const seconds = (moments.at(-1)! - moments[0]!) / 1000
  expect(seconds).toBeLessThan((2 * count) / (limit * 0.75) + 1)
})
