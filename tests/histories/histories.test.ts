// A few random histories with every test run; `npm run histories` runs any number. docs/histories.md describes
// them.

import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { replicasOfEach } from '../world-stack.ts'
import { planOf } from './plan.ts'
import { inWords, runHistory, wrongInAll } from './run-history.ts'
import { openTheatre, type Theatre } from './theatre.ts'

/** The seeds that have found a bug, with the bug; the others are the first natural numbers. */
const known: Record<number, string> = {
  123324345: 'a process that was only starting had the time of its beginning, and read what the others said later',
}
const plain = Array.from({ length: 18 }, (_, index) => index + 1)
const firstFresh = Math.floor(Math.random() * 1_000_000_000)
const fresh = Array.from({ length: 10 }, (_, index) => firstFresh + index)

let theatre: Theatre
beforeAll(async () => {
  theatre = await openTheatre(inject('postgres'), {
    busUrl: inject('busUrl'),
    replicas: inject('stack') === 'distributed' ? replicasOfEach : 1,
  })
})
afterAll(async () => {
  try {
    expect(await wrongInAll(theatre)).toEqual([])
  } finally {
    await theatre[Symbol.asyncDispose]()
  }
})

it('the same seed gives the same plan, another seed another one', () => {
  expect(planOf(7)).toEqual(planOf(7))
  expect(planOf(8).steps).not.toEqual(planOf(7).steps)
})

it.each([...Object.keys(known).map(Number), ...plain, ...fresh])('history %i ends correctly', async (seed) => {
  const history = await runHistory(theatre, seed)
  expect(history.wrong, inWords(history)).toEqual([])
})
