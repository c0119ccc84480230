import type { Static } from 'typebox'
import type { Currency } from './schema.ts'

/**
 * The lowest price of a ticket in each currency, in minor units: the marketplace's own, or the provider's smallest
 * charge where that is higher. A cheaper ticket could be reserved and never paid.
 */
export const leastPrices: Readonly<Record<Static<typeof Currency>, number>> = {
  usd: 50,
  eur: 50,
  gbp: 50,
  chf: 50,
  cad: 50,
  aud: 50,
  jpy: 50,
  sek: 300,
}
