import { validate, version } from 'uuid'
import { expect, it } from 'vitest'
import { newId } from './ids.ts'

it('makes 100,000 ids of version 7, each greater than the one before', () => {
  const before = Date.now()
  const ids = Array.from({ length: 100_000 }, newId)
  expect(ids.every((id, index) => index === 0 || id > ids[index - 1]!)).toBe(true)
  expect(ids.every((id) => validate(id) && version(id) === 7 && id === id.toLowerCase())).toBe(true)
  const madeAt = Number.parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16)
  expect(madeAt).toBeGreaterThanOrEqual(before)
  expect(madeAt).toBeLessThanOrEqual(Date.now())
})
