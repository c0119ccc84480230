import type { Event } from '@aisle/contracts/entities'

/** The lowest price of an event in each currency, starting with the currency of most tickets. */
export const pricesOf = ({ prices, from }: Event): NonNullable<Event['prices']> => prices ?? (from ? [from] : [])
