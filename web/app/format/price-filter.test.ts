import { Currency } from '@aisle/contracts/schema'
import { expect, it } from 'vitest'
import { currencies, readPriceFilter } from './price-filter.ts'

const read = (query: string) => readPriceFilter(new URLSearchParams(query))

it('prices are read as people write them, in their currency', () => {
  expect(read('min=20&max=52,50&currency=eur').query).toEqual({ minPrice: 2000, maxPrice: 5250, currency: 'eur' })
  expect(read('max=3000&currency=jpy').query).toEqual({ maxPrice: 3000, currency: 'jpy' })
})

it('a currency alone filters nothing', () => {
  expect(read('currency=usd').query).toEqual({})
  expect(read('').typed).toEqual({ min: '', max: '', currency: 'eur' })
})

it('what is no price is named and left out', () => {
  const filter = read('min=cheap&max=50')
  expect([filter.faults, filter.query]).toEqual([['min'], { maxPrice: 5000, currency: 'eur' }])
})

it('what is beyond any price that a ticket can have filters nothing', () => {
  expect(read('min=0.10&max=9999999').query).toEqual({})
})

it('every currency that a ticket can be listed in can be chosen', () => {
  expect([...currencies].sort()).toEqual([...Currency.enum].sort())
})

it('a lowest price above the highest is named, and neither filters', () => {
  const filter = read('min=60&max=50')
  expect([filter.isCrossed, filter.query]).toEqual([true, {}])
  expect(read('min=50&max=50').isCrossed).toBe(false)
})
