import type { Event } from '@aisle/contracts/entities'

/** The lowest price of an event in each currency, that of most tickets first. */
export const pricesOf = ({ prices, from }: Event): NonNullable<Event['prices']> => prices ?? (from ? [from] : [])
