// Reads tickets and events, and defines the shapes in which they leave the service.

import type { Event, Seat, Ticket, TicketEvent, TicketStatus } from '@aisle/contracts/entities'
import type { TicketState } from '@aisle/contracts/messages/tickets'
import type { Sql } from '@aisle/kit/db/database'
import { tagOf } from '@aisle/kit/http/etag'
import type { KnownEvent } from './event-identity.ts'

export type TicketRow = {
  id: string
  version: number
  title: string
  description: string | null
  price: number
  currency: Ticket['currency']
  seat: Seat | null
  status: TicketStatus
  orderId: string | null
  heldUntil: Date | null
  refundedAt: Date | null
  takedownReason: string | null
  sellerId: string
  sellerName: string
  sellerErased: boolean
  eventId: string | null
  eventName: string
  venue: string
  city: string | null
  startsAt: Date
  timeZone: string | null
  kind: NonNullable<TicketEvent['kind']> | null
  createdAt: Date
  updatedAt: Date
}

/** What is said instead of the name of an erased seller; pages say it in the language of their reader. */
const formerMember = 'Former member'

/** The columns of a TicketRow, from `t`, `e` and `u` of `ticketJoins`. */
export const ticketColumns = (sql: Sql) => sql`
  t.id, t.version, t.title, t.description, t.price, t.currency, t.seat, t.status, t.order_id, t.held_until,
  t.refunded_at, t.takedown_reason, t.seller_id, u.name as seller_name, u.erased as seller_erased,
  t.event_id, e.name as event_name, e.venue, e.city, e.starts_at, e.time_zone, e.kind, t.created_at, t.updated_at`

/** The joins that turn `t`, a ticket, into a TicketRow. */
export const ticketJoins = (sql: Sql) => sql`join users u on u.id = t.seller_id left join events e on e.id = t.event_id`

/** The words of a ticket or an event as a `tsvector`. A row that has it is marked with `search_version` 1. */
export const wordsVector = (sql: Sql, words: readonly string[]) =>
  sql`array_to_tsvector(string_to_array(${words.join(' ')}, ' '))`

export async function readTicket(sql: Sql, id: string): Promise<TicketRow | null> {
  const [row] = await sql<
    TicketRow[]
  >`select ${ticketColumns(sql)} from tickets t ${ticketJoins(sql)} where t.id = ${id}`
  return row ?? null
}

/** Like `readTicket`, but locks the ticket until the end of the transaction. */
export async function lockTicket(sql: Sql, id: string): Promise<TicketRow | null> {
  // Two statements: a join that waited for the lock would return the event as it was before the wait. `execute`
  // sends the first at once; without it, it would be sent when it is awaited, which is after the second.
  const locked = sql`select from tickets where id = ${id} for update`.execute()
  const [ticket] = await Promise.all([readTicket(sql, id), locked])
  return ticket
}

/** The event that a ticket is for. */
export const eventOf = (row: TicketRow): KnownEvent | null =>
  row.eventId === null
    ? null
    : {
        id: row.eventId,
        name: row.eventName,
        venue: row.venue,
        city: row.city,
        startsAt: row.startsAt,
        timeZone: row.timeZone,
        kind: row.kind,
      }

type EventColumns = {
  city: string | null
  startsAt: Date
  timeZone: string | null
  kind: NonNullable<TicketEvent['kind']> | null
  venue: string
}

const eventFields = (id: string, name: string, row: EventColumns): TicketEvent => ({
  id,
  name,
  venue: row.venue,
  ...(row.city === null ? {} : { city: row.city }),
  startsAt: row.startsAt.toISOString(),
  ...(row.timeZone === null ? {} : { timeZone: row.timeZone }),
  ...(row.kind ? { kind: row.kind } : {}),
})

/** The public view of a ticket. It does not include who holds it. */
export function toTicket(row: TicketRow): Ticket {
  return {
    id: row.id,
    title: row.title,
    ...(row.description === null ? {} : { description: row.description }),
    price: row.price,
    currency: row.currency,
    ...(row.eventId === null ? {} : { event: eventFields(row.eventId, row.eventName, row) }),
    ...(row.seat === null ? {} : { seat: row.seat }),
    seller: row.sellerErased
      ? { id: row.sellerId, name: formerMember, erased: true }
      : { id: row.sellerId, name: row.sellerName },
    status: row.status,
    ...(row.status === 'reserved' && row.heldUntil ? { heldUntil: row.heldUntil.toISOString() } : {}),
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

/** Like `toTicket`, with what only its seller and admins may read. */
export const toOwnTicket = (row: TicketRow): Ticket => ({
  ...toTicket(row),
  ...(row.refundedAt ? { refunded: true as const } : {}),
  ...(row.takedownReason === null ? {} : { takedownReason: row.takedownReason }),
})

/** The ETag of the public view of a ticket. It also changes when the seller's name does. */
export const ticketTag = (row: TicketRow): string => tagOf(row.version, toTicket(row))
/** The ETag of what the seller and admins may read. */
export const ownTicketTag = (row: TicketRow): string => tagOf(row.version, toOwnTicket(row))

/** What the other services receive about a ticket. */
export const toState = (row: TicketRow): TicketState => ({
  ...toTicket(row),
  ...(row.orderId === null ? {} : { orderId: row.orderId }),
  ...(row.takedownReason === null ? {} : { takenDown: true as const }),
})

export type EventRow = EventColumns & {
  id: string
  name: string
  updatedAt: Date
  listed: number
  fromPrices: NonNullable<Event['prices']>
}

/** The columns of an EventRow, from `e` and `offered` of `offeredJoin`. */
export const eventColumns = (sql: Sql) => sql`
  e.id, e.name, e.venue, e.city, e.starts_at, e.time_zone, e.kind, coalesce(e.updated_at, e.created_at) as updated_at,
  offered.listed, offered.from_prices`

/**
 * How many tickets of `e` are listed, and the lowest price in each currency. Read from
 * tickets_listed_event_currency_price.
 */
export const offeredJoin = (sql: Sql) => sql`
  left join lateral (
    select coalesce(sum(count), 0)::int as listed,
      coalesce(json_agg(json_build_object('price', price, 'currency', currency) order by count desc, currency),
        '[]') as from_prices
    from (
      select t.currency, min(t.price) as price, count(*) as count from tickets t
      where t.event_id = e.id and t.status = 'listed' group by t.currency
    ) one
  ) offered on true`

/** The public view of an event. Once it has started, none of its tickets is for sale. */
export function toEvent(row: EventRow, now: Date): Event {
  const hasBegun = row.startsAt <= now
  const prices = hasBegun ? [] : row.fromPrices
  return {
    ...eventFields(row.id, row.name, row),
    updatedAt: row.updatedAt.toISOString(),
    listed: hasBegun ? 0 : row.listed,
    ...(prices[0] ? { from: prices[0] } : {}),
    prices,
  }
}
