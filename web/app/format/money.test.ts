import { Currency } from '@aisle/contracts/schema'
import { describe, expect, it } from 'vitest'
import { en } from '../texts/en.ts'
import { editableMoney, formatMoney, minorDigits, parseMoney } from './money.ts'

describe('a price as people write it', () => {
  it.each([
    ['12', 'eur', 1200],
    ['12.5', 'eur', 1250],
    ['12.50', 'eur', 1250],
    ['12,50', 'eur', 1250],
    [' € 12.50 ', 'eur', 1250],
    ['12.50 EUR', 'eur', 1250],
    ['US$19.99', 'usd', 1999],
    ['CHF 165.-', 'chf', 16500],
    ['1,234.50', 'usd', 123450],
    ['1.234,50', 'eur', 123450],
    ['1 234,50', 'sek', 123450],
    ["1'234.50", 'chf', 123450],
    ['1,234', 'usd', 123400],
    ['1.234', 'eur', 123400],
    ['1,234,567.89', 'usd', 123456789],
    ['9,800', 'jpy', 9800],
    ['9800', 'jpy', 9800],
    ['0.50', 'usd', 50],
  ])('%s in %s is %i minor units', (typed, currency, minor) => {
    expect(parseMoney(typed, currency)).toBe(minor)
  })

  it.each([
    ['', 'eur'],
    ['abc', 'eur'],
    ['-5', 'eur'],
    ['12.345.6', 'eur'],
    ['12.5050', 'eur'],
    ['0.001', 'usd'],
    ['12.', 'eur'],
    ['98.5', 'jpy'],
    ['1e3', 'eur'],
    ['1,23,456', 'eur'],
    ['99999999999999999999', 'eur'],
  ])('%s in %s is no price', (typed, currency) => {
    expect(parseMoney(typed, currency)).toBeNull()
  })

  it('never becomes a fraction on the way', () => {
    for (let minor = 50; minor < 20_000; minor += 7) {
      expect(parseMoney((minor / 100).toFixed(2), 'usd')).toBe(minor)
    }
  })

  it('is read back from what an edit form shows, in every currency and language', () => {
    for (const currency of Currency.enum) {
      for (const locale of ['en-GB', 'de-DE']) {
        for (const minor of [50, 1250, 123_456, 99_999_999]) {
          expect(parseMoney(editableMoney(minor, currency, locale), currency)).toBe(minor)
        }
      }
    }
  })
})

describe('a price that is shown', () => {
  it('has its currency, its digits and the marks of the language', () => {
    expect(formatMoney(5200, 'eur', 'en-GB')).toBe('€52.00')
    expect(formatMoney(129_500, 'eur', 'de-DE')).toBe('1.295,00\u00a0€')
    expect(formatMoney(9800, 'jpy', 'en-GB')).toBe('JP¥9,800')
  })

  it('knows which currencies have no minor unit', () => {
    expect(Object.fromEntries(Currency.enum.map((currency) => [currency, minorDigits(currency)]))).toEqual({
      usd: 2,
      eur: 2,
      gbp: 2,
      chf: 2,
      cad: 2,
      aud: 2,
      jpy: 0,
      sek: 2,
    })
  })

  it('can be of every currency that the API takes', () => {
    expect(Object.keys(en.currency).sort()).toEqual([...Currency.enum].sort())
  })
})
