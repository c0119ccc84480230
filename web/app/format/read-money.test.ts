import { Currency } from '@aisle/contracts/schema'
import { describe, expect, it } from 'vitest'
import { editableMoney } from './money.ts'
import { parseMoney } from './read-money.ts'

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
    ['12,50 €', 'eur', 1250],
    ['12,50\u00a0€', 'eur', 1250],
    ['€12.50\u200e', 'eur', 1250],
    ['\u202a€12.50\u202c', 'eur', 1250],
    ['１２', 'eur', 1200],
    ['１２．５０', 'usd', 1250],
    ['￥９，８００', 'jpy', 9800],
    ['٣٥', 'eur', 3500],
    ['٣٥٫٥٠', 'eur', 3550],
    ['१२.५०', 'usd', 1250],
    ['9800.00', 'jpy', 9800],
    ['9,800.00', 'jpy', 9800],
    ['9800円', 'jpy', 9800],
    ['¥9,800', 'jpy', 9800],
    ['9.800 Yen', 'jpy', 9800],
    ['12.50 Fr.', 'chf', 1250],
    ['Fr. 12.50', 'chf', 1250],
    ['SFr. 1’234.50', 'chf', 123450],
    ['1´234.–', 'chf', 123400],
    ['165.--', 'chf', 16500],
    ['35 Euro', 'eur', 3500],
    ['35,- EUR', 'eur', 3500],
    ['+12', 'eur', 1200],
    ['€ +12', 'eur', 1200],
    ['1\u202f234,50', 'eur', 123450],
    ['1\u00a0234\u00a0567,89 €', 'eur', 123456789],
    ['12 345 kr', 'sek', 1234500],
    ['95:-', 'sek', 9500],
    ['95 kr.', 'sek', 9500],
    ['$12.50', 'cad', 1250],
    ['CA$12.50', 'cad', 1250],
    ['A$ 1,234', 'aud', 123400],
    ['£12.50', 'gbp', 1250],
    ['12.50 PLN', 'pln', 1250],
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
    // A different sum to another reader, or in another currency.
    ['12 50', 'eur'],
    ['12 5', 'eur'],
    ['1 2', 'eur'],
    ["12'50", 'chf'],
    ['1 234 56', 'eur'],
    ["1'234,567.89", 'chf'],
    ['1234,567', 'eur'],
    ['1.234.56', 'eur'],
    ['12.50 USD', 'eur'],
    ['$12.50', 'eur'],
    ['US$12.50', 'cad'],
    ['€12.50', 'gbp'],
    ['9800円', 'usd'],
    ['12.50 PLN', 'eur'],
    ['9800.50', 'jpy'],
    ['9800.000', 'jpy'],
    // No price at all.
    ['free', 'eur'],
    ['about 12', 'eur'],
    ['12 or 15', 'eur'],
    ['12-15', 'eur'],
    ['2 x 12', 'eur'],
    ['−5', 'eur'],
    ['12..', 'eur'],
    ['.-', 'eur'],
    ['½', 'eur'],
    ['²', 'eur'],
    ['12⁵⁰', 'eur'],
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
