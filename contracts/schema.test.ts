import { describe, expect, it } from 'vitest'
import { prose, Timestamp, text } from './schema.ts'

const matches = (schema: object, value: string) => new RegExp((schema as { pattern: string }).pattern, 'u').test(value)

describe('a timestamp', () => {
  it('accepts every day that exists, and no other', () => {
    for (let year = 2000; year < 2410; year++) {
      for (let month = 1; month <= 12; month++) {
        for (let day = 0; day <= 32; day++) {
          const date = [year, String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-')
          const isDay = new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(date)
          if (matches(Timestamp, `${date}T12:00:00Z`) !== isDay) throw new Error(`${date} is taken for what it is not`)
        }
      }
    }
  })

  it('accepts every second of a day, and no leap second', () => {
    const taken = (time: string) => matches(Timestamp, `2027-06-30T${time}Z`)
    expect(['00:00:00', '23:59:59', '19:30:00.5', '19:30:00.123456789'].map(taken)).toEqual([true, true, true, true])
    expect(['23:59:60', '24:00:00', '12:60:00', '12:00', '12:00:00.'].map(taken)).toEqual(Array(5).fill(false))
  })
})

describe('text', () => {
  it('is checked in one pass, however it ends', () => {
    // A pattern that backtracks would take many minutes for these.
    for (const schema of [text(200, ''), prose(4000, '')])
      for (const long of [' '.repeat(1e6), '\u200b'.repeat(1e6), `${'a\u200b '.repeat(3e5)}\u0000`])
        expect(matches(schema, long)).toBe(false)
  })

  it('of several lines may be empty, and has tabs and line breaks', () => {
    const taken = (value: string) => matches(prose(4000, ''), value)
    expect(['', 'One\r\n\ttwo\n', '\u202bשלום\u202c'].map(taken)).toEqual([true, true, true])
    expect([' ', '\n\n', '\u2800', 'a\u0000', 'a\u0085', 'a\ud800'].map(taken)).toEqual(Array(6).fill(false))
  })
})
