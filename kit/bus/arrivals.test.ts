import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { idsBy } from '../time/ids.ts'
import { createArrivals } from './arrivals.ts'

const hour = 3_600_000

/** A read that finds nothing before its `found`th call. */
function looks(found = Number.POSITIVE_INFINITY) {
  let count = 0
  return { read: async () => (++count >= found ? 'here' : null), count: () => count }
}

it('waits for something made a moment ago, and finds it as soon as it arrives', async () => {
  const newId = idsBy(Date.now)
  const { waitFor, notify } = createArrivals(newId)
  const [id, look] = [newId(), looks(2)]
  const finding = waitFor(id, look.read, hour)
  expect(look.count()).toBe(1)
  notify(id)
  await setImmediate()
  expect(look.count()).toBe(2)
  expect(await finding).toBe('here')
})

it('polls now and then, since another replica may have consumed the message', async () => {
  const newId = idsBy(Date.now)
  const look = looks(3)
  expect(await createArrivals(newId).waitFor(newId(), look.read, hour)).toBe('here')
})

it('gives up after the given time', async () => {
  const newId = idsBy(Date.now)
  expect(await createArrivals(newId).waitFor(newId(), looks().read, 60)).toBeNull()
})

it('reads only once for something made long ago or never', async () => {
  let now = Date.now()
  const newId = idsBy(() => now)
  const old = newId()
  now += 10_000
  for (const id of [old, crypto.randomUUID(), 'no id']) {
    const look = looks()
    expect(await createArrivals(newId).waitFor(id, look.read, hour)).toBeNull()
    expect(look.count()).toBe(1)
  }
})

it('waits for a change however old the thing is, until the service stops', async () => {
  const { change, notify, close } = createArrivals(idsBy(Date.now))
  const look = looks(2)
  const found = change('no id', look.read, hour)
  expect(look.count()).toBe(1)
  notify('another')
  await setImmediate()
  expect(look.count()).toBe(1)
  notify('no id')
  expect(await found).toBe('here')

  const never = looks()
  const waiting = change('no id', never.read, hour)
  close()
  expect([await waiting, never.count()]).toEqual([null, 2])
  expect([await change('no id', never.read, hour), never.count()]).toEqual([null, 3])
})

it('does not end the wait for an arrival when the service stops', async () => {
  const newId = idsBy(Date.now)
  const { waitFor, notify, close } = createArrivals(newId)
  const [id, look] = [newId(), looks(3)]
  const finding = waitFor(id, look.read, hour)
  close()
  await setImmediate()
  notify(id)
  expect(await finding).toBe('here')
})

it('lets a thousand wait for a change, and no more', async () => {
  const { change, close } = createArrivals(idsBy(Date.now))
  const never = looks()
  const waits = Array.from({ length: 1_000 }, (_, nth) => change(`no id ${nth}`, never.read, hour))
  expect(await change('one more', never.read, hour)).toBe(null)
  close()
  expect(new Set(await Promise.all(waits))).toEqual(new Set([null]))
})

it('judges age by the clock that makes the ids, however wrong the clock of this machine is', async () => {
  const newId = idsBy(() => Date.now() - 24 * hour)
  expect(await createArrivals(newId).waitFor(newId(), looks(2).read, hour)).toBe('here')
})
