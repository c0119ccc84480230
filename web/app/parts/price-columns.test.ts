import { expect, it } from 'vitest'
import { columnsOf } from './price-columns.ts'

it('every ticket is a dot, and the last column ends at the highest price', () => {
  const columns = columnsOf([4200, 4200, 4500, 5500, 8900])
  expect(columns.reduce((sum, column) => sum + (column?.count ?? 0), 0)).toBe(5)
  expect(columns[0]).toEqual({ upTo: 4500, count: 3 })
  expect(columns.at(-1)).toEqual({ upTo: 8900, count: 1 })
})

it('prices that nobody asks are gaps', () => {
  expect(
    columnsOf([100, 1000])
      .slice(1, -1)
      .every((column) => column === null),
  ).toBe(true)
})

it('one price is one column', () => {
  expect(columnsOf([5000, 5000])).toEqual([{ upTo: 5000, count: 2 }])
})
