import { describe, expect, it } from 'vitest'
import { phonePattern, tidyPhone } from './phone.ts'

const isPhone = (typed: string) => new RegExp(phonePattern, 'u').test(typed)

describe('a phone number as people paste it', () => {
  it.each([
    ['+41 44 668 18 00', '+41 44 668 18 00'],
    ['+43\u00a01\u202f234\u2009567', '+43 1 234 567'],
    ['030/1234567', '030 1234567'],
    ['030.123.45.67', '030 123 45 67'],
    ['030\u2011123\u201145', '030 123 45'],
    ['(030) 123-45 – 67', '030 123 45 67'],
    ['+49 (0)30 123456', '+49 30 123456'],
    ['＋８１ （３） １２３４－５６７８', '+81 3 1234 5678'],
    ['\u202a+1 (212) 555-0100\u202c', '+1 212 555 0100'],
    ['٠١٢٣٤٥٦٧٨٩', '0123456789'],
    [' + 44 20 7946 0000 ', '+44 20 7946 0000'],
    ['12345', '12345'],
  ])('%j is stored as %s', (typed, tidy) => {
    expect(isPhone(typed)).toBe(true)
    expect(tidyPhone(typed)).toBe(tidy)
    expect([isPhone(tidy), tidyPhone(tidy)]).toEqual([true, tidy])
  })

  it.each([
    ['-----'],
    ['((((('],
    ['     '],
    ['\u200b\u200b\u200b\u200b\u200b'],
    ['1234'],
    ['1-2-3-4'],
    ['++49 30 123456'],
    ['49+30 123456'],
    ['call me: 030 123456'],
    ['0800 FLOWERS'],
    ['1'.repeat(21)],
    ['030 123456 <b>'],
  ])('%j is not a phone number', (typed) => expect(isPhone(typed)).toBe(false))

  it('is checked in one pass, however it ends', () => {
    for (const long of ['-'.repeat(1e6), '+'.repeat(1e6), `${'1 '.repeat(5e5)}x`, `${' ('.repeat(5e5)}1`])
      expect(isPhone(long)).toBe(false)
  })
})
