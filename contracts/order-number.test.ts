import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { expect, it } from 'vitest'
import { isOrderNumber, OrderNumber, tidyOrderNumber } from './order-number.ts'

const isTidy = Compile(OrderNumber)
const characters = [...'23456789ABCDEFGHJKMNPQRTVWXYZ']

/** Any order number: of the 29 possible last characters exactly one is right. */
const orderNumbers = fc.array(fc.constantFrom(...characters), { minLength: 7, maxLength: 7 }).map((payload) => {
  const right = characters.filter((check) => isOrderNumber([...payload, check].join('')))
  expect(right).toHaveLength(1)
  return [...payload, right[0]!]
})

it('every wrong character is found, wherever it is', () => {
  fc.assert(
    fc.property(orderNumbers, (number) => {
      const wrong = number.flatMap((right, index) =>
        characters.filter((one) => one !== right).map((one) => number.with(index, one).join('')),
      )
      expect(wrong).toHaveLength(8 * 28)
      expect(wrong.filter(isOrderNumber)).toEqual([])
    }),
  )
})

it('every swap of two characters is found, neighbours or not', () => {
  fc.assert(
    fc.property(orderNumbers, fc.nat(7), fc.nat(7), (number, one, other) => {
      fc.pre(number[one] !== number[other])
      expect(isOrderNumber(number.with(one, number[other]!).with(other, number[one]!).join(''))).toBe(false)
    }),
  )
})

it('any spelling is read, and tidied to one', () => {
  fc.assert(
    fc.property(orderNumbers, (number) => {
      const tidy = `${number.slice(0, 4).join('')}-${number.slice(4).join('')}`
      expect(isTidy.Check(tidy)).toBe(true)
      const spellings = [tidy, number.join(''), tidy.toLowerCase(), ` ${tidy.replace('-', ' ')} `, number.join(' ')]
      for (const spelling of [...spellings, tidy.replace('-', '–'), tidy.replace('-', '\u2011')])
        expect(tidyOrderNumber(spelling)).toBe(tidy)
    }),
  )
})

it('anything else is not an order number', () => {
  const others = ['', '-', 'K7MP', '2222-222', '2222-22222', '2222-222O', '0222-2222', 'ÄÖÜß-2222', '2222_2222']
  for (const other of [...others, '01910000-0000-7000-8000-000000000003', '２２２２-２２２２'])
    expect(tidyOrderNumber(other), other).toBeNull()
})
