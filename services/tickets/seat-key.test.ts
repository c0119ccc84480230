import { expect, it } from 'vitest'
import { seatKey } from './seat-key.ts'

const key = (section?: string, row?: string, number?: string, eventId: string | null = 'an event') =>
  seatKey({ ...(section ? { section } : {}), ...(row ? { row } : {}), ...(number ? { number } : {}) }, eventId)
const seat = key('Block É', 'A', '12')

it.each([
  ['letter case', 'BLOCK É', 'a', '12'],
  ['accents and width', 'Block E\u0301', 'Ａ', '１２'],
  ['spaces and signs', ' block  é ', '"A"', '12.'],
  ['what cannot be seen', 'Block\u200b É', 'A\u00ad', '12'],
  ['zeros in front', 'Block É', 'A', '012'],
])('is the same seat with other %s', (_, section, row, number) => {
  expect(key(section, row, number)).toBe(seat)
})

it('is another seat with another section, row or number, or what stood in one field in the next', () => {
  const others = [
    ['Block F', 'A', '12'],
    ['Block É', 'B', '12'],
    ['Block É', 'A', '13'],
    ['Block É', 'A', '120'],
    ['Block É A', undefined, '12'],
    [undefined, 'A', '12'],
    ['Block É', 'A', '1 2'],
  ] as const
  expect(new Set([seat, ...others.map((other) => key(...other))]).size).toBe(others.length + 1)
  expect(key('1', '0', '12')).not.toBe(key('1', undefined, '12'))
})

it('is no single seat without a number or an event', () => {
  expect([key('Standing'), key('A', '1'), key('A', '1', '2', null), seatKey(null, 'an event')]).toEqual([
    '',
    '',
    '',
    '',
  ])
})

it('is short enough for an index, however long it is written', () => {
  expect(Buffer.byteLength(key('ﷺ'.repeat(40), 'ﷺ'.repeat(20), 'ﷺ'.repeat(20)))).toBeLessThan(2_000)
})
