import { validate, version } from 'uuid'
import { expect, it } from 'vitest'
import { firstIdAt, idsBy, newId } from './ids.ts'

it('makes 100,000 ids of version 7, each greater than the one before', () => {
  const before = Date.now()
  const ids = Array.from({ length: 100_000 }, newId)
  expect(ids.every((id, index) => index === 0 || id > ids[index - 1]!)).toBe(true)
  expect(ids.every((id) => validate(id) && version(id) === 7 && id === id.toLowerCase())).toBe(true)
  const madeAt = Number.parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16)
  expect(madeAt).toBeGreaterThanOrEqual(before)
  expect(madeAt).toBeLessThanOrEqual(Date.now())
})

it('the first id of a moment is not greater than any of it, and greater than all before', () => {
  const now = Date.now()
  for (const [ms, isBefore] of [
    [now, false],
    [now - 1, true],
  ] as const)
    for (let n = 0; n < 100; n++) expect(idsBy(() => ms)() < firstIdAt(now)).toBe(isBefore)
})
