// A seller's description of a ticket, completed with defaults, its event, and its search words.

import type { listTicket } from '@aisle/contracts/api/tickets'
import type { Body } from '@aisle/contracts/endpoint'
import type { Seat, Ticket } from '@aisle/contracts/entities'
import { leastPrices } from '@aisle/contracts/least-prices'
import type { Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import type { KnownEvent } from './event-identity.ts'
import { wordsVector } from './queries.ts'
import { searchWords } from './search-text.ts'

export type Described = {
  title: string
  description: string | null
  price: number
  currency: Ticket['currency']
  event: KnownEvent | null
  seat: Seat | null
}

/** The ticket described by a complete body. */
export const describeTicket = (body: Body<typeof listTicket>, event: KnownEvent | null): Described => ({
  title: body.title.trim(),
  description: body.description || null,
  price: body.price,
  currency: body.currency ?? 'usd',
  event,
  seat: body.seat ?? null,
})

/** Why the price cannot be charged, or null. */
export function faultOfPrice({ price, currency }: Described): Refusal | null {
  const least = leastPrices[currency]
  if (price >= least) return null
  return refuse('invalid', { field: 'price', message: `must be at least ${least} in ${currency}` })
}

/** The words by which a ticket is found: those of its title and of its event. */
export const ticketVector = (sql: Sql, { title, event }: Pick<Described, 'title' | 'event'>) =>
  wordsVector(sql, searchWords(title, event?.name ?? null, event?.venue ?? null, event?.city ?? null))
