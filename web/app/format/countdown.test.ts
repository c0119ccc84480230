import { expect, it } from 'vitest'
import { en } from '../texts/en.ts'
import { clockText, isUrgent, passedMark, spokenTime } from './countdown.ts'

it('the clock shows minutes and seconds, and never less than nothing', () => {
  expect([900, 872.4, 60, 59.2, 9, 0.4, 0, -5].map(clockText)).toEqual([
    '15:00',
    '14:33',
    '1:00',
    '1:00',
    '0:09',
    '0:01',
    '0:00',
    '0:00',
  ])
  expect(clockText(3723)).toBe('1:02:03')
})

it('in words, minutes become seconds when there are fewer than two', () => {
  expect([900, 121, 119, 1, 0].map((seconds) => spokenTime(seconds, en.order))).toEqual([
    '15 minutes',
    '2 minutes',
    '119 seconds',
    '1 second',
    '0 seconds',
  ])
})

it('a mark is announced once, when it is passed', () => {
  expect(passedMark(181, 180)).toBe(180)
  expect(passedMark(180, 179)).toBeNull()
  expect(passedMark(900, 899)).toBeNull()
})

it('a page that slept announces only the last mark it slept through', () => {
  expect(passedMark(700, 50)).toBe(60)
})

it('the last three minutes are urgent', () => {
  expect([181, 180, 0].map(isUrgent)).toEqual([false, true, true])
})
