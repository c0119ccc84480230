import { describe, expect, it } from 'vitest'
import { failedRow, median, ms, percentile, spread } from './table.ts'

describe('figures of several rounds', () => {
  it('are shown as their median, with the least and the most', () => {
    expect(spread([90, 77, 81], ms)).toBe('81 ms (77 ms to 90 ms)')
    expect(spread([5], ms)).toBe('5.0 ms (5.0 ms to 5.0 ms)')
  })

  it('have the mean of the middle two as the median of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('have a percentile that is one of them', () => {
    expect([percentile([1, 2, 3, 4], 0.5), percentile([1, 2, 3, 4], 1)]).toEqual([3, 4])
  })
})

it('a run that threw is a row that says so in one cell', () => {
  expect(failedRow('(f)', new Error('Reserving answered 503 a|b\nand more'))).toEqual({
    name: '(f)',
    ours: 'failed',
    reference: '',
    ratio: '',
    aim: 'Reserving answered 503 a\\|b',
  })
})
