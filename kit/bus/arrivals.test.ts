import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { idsBy } from '../time/ids.ts'
import { createArrivals } from './arrivals.ts'

const hour = 3_600_000

/** Looks that find nothing before the `found`th. */
function looks(found = Number.POSITIVE_INFINITY) {
  let count = 0
  return { read: async () => (++count >= found ? 'here' : null), count: () => count }
}

it('what was made a moment ago is waited for, and found as soon as it is heard of', async () => {
  const newId = idsBy(Date.now)
  const { soon, heard } = createArrivals(newId)
  const [id, look] = [newId(), looks(2)]
  const finding = soon(id, look.read, hour)
  expect(look.count()).toBe(1)
  heard(id)
  await setImmediate()
  expect(look.count()).toBe(2)
  expect(await finding).toBe('here')
})

it('another replica may have heard of it: it is looked for now and then', async () => {
  const newId = idsBy(Date.now)
  const look = looks(3)
  expect(await createArrivals(newId).soon(newId(), look.read, hour)).toBe('here')
})

it('patience ends', async () => {
  const newId = idsBy(Date.now)
  expect(await createArrivals(newId).soon(newId(), looks().read, 60)).toBeNull()
})

it('what was made long ago, or never, is looked for once', async () => {
  let now = Date.now()
  const newId = idsBy(() => now)
  const old = newId()
  now += 10_000
  for (const id of [old, crypto.randomUUID(), 'no id']) {
    const look = looks()
    expect(await createArrivals(newId).soon(id, look.read, hour)).toBeNull()
    expect(look.count()).toBe(1)
  }
})

it('how long ago, the clock tells that ids are made by, however wrong this machine’s is', async () => {
  const newId = idsBy(() => Date.now() - 24 * hour)
  expect(await createArrivals(newId).soon(newId(), looks(2).read, hour)).toBe('here')
})
