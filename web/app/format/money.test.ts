import { Currency } from '@aisle/contracts/schema'
import { describe, expect, it } from 'vitest'
import { en } from '../texts/en.ts'
import { formatMoney, minorDigits } from './money.ts'

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
