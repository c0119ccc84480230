// A price filter, as people type it into a form or a URL.

import type { Ticket } from '@aisle/contracts/entities'
import { parseMoney } from './read-money.ts'

export const currencies = [
  'eur',
  'usd',
  'gbp',
  'chf',
  'cad',
  'aud',
  'jpy',
  'sek',
] as const satisfies Ticket['currency'][]
export type Currency = (typeof currencies)[number]

/** The API's own limits: every ticket costs at least the one and at most the other. */
const [lowest, highest] = [50, 99_999_999]

export type PriceFilter = {
  /** The values in the form. */
  typed: { min: string; max: string; currency: Currency }
  /** The query for the API; empty if neither price is valid. */
  query: { minPrice?: number; maxPrice?: number; currency?: Currency }
  /** The fields that are not prices. */
  faults: readonly ('min' | 'max')[]
  /** The lowest price is above the highest, so neither filters. */
  isCrossed: boolean
}

/** The currency chosen by the visitor. */
export const chosenCurrency = (search: URLSearchParams): Currency | undefined =>
  currencies.find((one) => one === search.get('currency'))

/** The most frequent currency; the first one if several are. */
export function mostCommonCurrency(things: readonly { currency: Currency }[]): Currency | undefined {
  const counts = new Map<Currency, number>()
  for (const { currency } of things) counts.set(currency, (counts.get(currency) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}

/** Prices are compared only within one currency: 50 euros are not 50 yen. `common` applies if none was chosen. */
export function readPriceFilter(search: URLSearchParams, common: Currency = 'eur'): PriceFilter {
  const currency = chosenCurrency(search) ?? common
  const [min, max] = [search.get('min')?.trim() ?? '', search.get('max')?.trim() ?? '']
  const [minPrice, maxPrice] = [parseMoney(min, currency), parseMoney(max, currency)]
  const isCrossed = minPrice !== null && maxPrice !== null && minPrice > maxPrice
  const query = {
    ...(minPrice !== null && minPrice >= lowest ? { minPrice: Math.min(minPrice, highest) } : {}),
    ...(maxPrice !== null && maxPrice <= highest ? { maxPrice: Math.max(maxPrice, lowest) } : {}),
  }
  return {
    typed: { min, max, currency },
    query: Object.keys(query).length > 0 && !isCrossed ? { ...query, currency } : {},
    faults: [
      ...(min && minPrice === null ? ['min' as const] : []),
      ...(max && maxPrice === null ? ['max' as const] : []),
    ],
    isCrossed,
  }
}
