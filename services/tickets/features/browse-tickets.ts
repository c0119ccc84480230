// Anyone browses what is for sale: listed, for no event or for an upcoming one. Each sort reads its own index
// in order, so the millionth row costs as much as the first. A search may cost more: see lists.ts.

import {
  browseTickets as endpoint,
  browseEveryTicket as everyEndpoint,
  myTickets as mineEndpoint,
} from '@aisle/contracts/api/tickets'
import type { Query } from '@aisle/contracts/endpoint'
import type { Ticket } from '@aisle/contracts/entities'
import type { Sql } from '@aisle/kit/db/database'
import { cutPage, nextPage, readCursor } from '@aisle/kit/db/keyset'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { needsCurrency } from '../prices.ts'
import { type TicketRow, ticketColumns, ticketJoins, toOwnTicket, toTicket } from '../queries.ts'
import { narrowest, queryOf, searchTerms, type Term } from '../search-text.ts'

type Values = readonly (string | number)[]
type Sort = {
  kinds: readonly ('id' | 'integer' | 'time')[]
  values: (row: TicketRow) => Values
  after: (sql: Sql, values: Values) => ReturnType<Sql>
  order: (sql: Sql) => ReturnType<Sql>
}

const sorts: Record<'newest' | 'price' | '-price' | 'soonest', Sort> = {
  newest: {
    kinds: ['id'],
    values: (row) => [row.id],
    after: (sql, [id]) => sql`and t.id < ${id as string}`,
    order: (sql) => sql`t.id desc`,
  },
  price: {
    kinds: ['integer', 'id'],
    values: (row) => [row.price, row.id],
    after: (sql, [price, id]) => sql`and (t.price, t.id) > (${price as number}, ${id as string})`,
    order: (sql) => sql`t.price, t.id`,
  },
  '-price': {
    kinds: ['integer', 'id'],
    values: (row) => [row.price, row.id],
    after: (sql, [price, id]) => sql`and (t.price, t.id) < (${price as number}, ${id as string})`,
    order: (sql) => sql`t.price desc, t.id desc`,
  },
  soonest: {
    kinds: ['time', 'id'],
    values: (row) => [row.startsAt.toISOString(), row.id],
    after: (sql, [startsAt, id]) =>
      sql`and (t.starts_at, t.id) > (${startsAt as string}::timestamptz, ${id as string})`,
    order: (sql) => sql`t.starts_at, t.id`,
  },
}

const walkedRows = 2_000
/** How often words occur is estimated from this many of the newest tickets. */
const sampledRows = 500

export const browseTickets = query(endpoint, async ({ query: input }, { clock, parts }: TicketsService) => {
  const { q = '', sort: sortName = 'newest', after } = input
  const terms = searchTerms(q)
  const cursor = after === undefined ? null : readCursor(after, sorts[sortName].kinds)
  if (isRefusal(cursor)) return cursor
  const list = { key: JSON.stringify([endpoint.path, input]), isSearch: terms.length > 0 }
  return parts.lists.read(list, (sql) => readPage(sql, { input, terms, cursor, now: clock.now() }))
})

type Asked = { input: Query<typeof endpoint>; terms: Term[]; cursor: Values | null; now: Date }

async function readPage(sql: Sql, { input, terms, cursor, now }: Asked) {
  const { q = '', eventId, minPrice, maxPrice, sort: sortName = 'newest', limit = 20 } = input
  const sort = sorts[sortName]
  const isByPrice = sortName === 'price' || sortName === '-price' || minPrice !== undefined || maxPrice !== undefined
  // For an event, the currency defaults to that of most of its tickets.
  const currency =
    input.currency ?? (isByPrice && eventId !== undefined ? await usualCurrency(sql, eventId) : undefined)
  if (isByPrice && currency === undefined) return eventId === undefined ? refuse('invalid', needsCurrency) : answer([])
  if (minPrice !== undefined && maxPrice !== undefined && minPrice > maxPrice)
    return refuse('invalid', { field: 'maxPrice', message: 'is less than minPrice' })
  if (q.trim() !== '' && terms.length === 0) return answer([])

  const order = sort.order(sql)
  const inScope = sql`t.status = 'listed'
    ${eventId === undefined ? sql`` : sql`and t.event_id = ${eventId}`}
    ${minPrice === undefined ? sql`` : sql`and t.price >= ${minPrice}`}
    ${maxPrice === undefined ? sql`` : sql`and t.price <= ${maxPrice}`}
    ${currency === undefined ? sql`` : sql`and t.currency = ${currency}`}
    ${sortName === 'soonest' ? sql`and t.starts_at > ${now}` : sql`and (t.starts_at is null or t.starts_at > ${now})`}
    ${cursor === null ? sql`` : sort.after(sql, cursor)}`
  // The page is selected from tickets alone and joined afterwards.
  const show = (chosen: ReturnType<Sql>) =>
    sql<TicketRow[]>`select ${ticketColumns(sql)} from (${chosen}) t ${ticketJoins(sql)} order by ${order}`
  const rows =
    terms.length === 0
      ? await show(sql`select t.* from tickets t where ${inScope} order by ${order} limit ${limit + 1}`)
      : await searchPage()

  // Which plan is faster depends on how often the words occur together, which is unknown beforehand: PostgreSQL
  // assumes that words are independent and would walk a million rows for two that never occur together. So a
  // bounded walk in list order comes first, which fills the page if the words are common. Otherwise they are
  // rare, and their own index finds all matches.
  async function searchPage(): Promise<TicketRow[]> {
    const matches = sql`t.search @@ ${queryOf(terms)}::tsquery`
    const near = await show(sql`
      select t.* from (select t.* from tickets t where ${inScope} order by ${order} limit ${walkedRows}) t
      where ${matches} order by ${order} limit ${limit + 1}`)
    if (near.length > limit) return near
    const found = sql`t.search @@ ${await indexQuery(sql, terms)}::tsquery and (${matches}) is true`
    return show(sql`
      with found as materialized (select t.id, t.price, t.starts_at from tickets t where ${inScope} and ${found}),
        page as (select t.id from found t order by ${order} limit ${limit + 1})
      select t.* from page join tickets t on t.id = page.id`)
  }

  return answerPage(endpoint.path, { ...input, currency }, cutPage(rows, limit, sort.values))
}

/** The `tsquery` to look up in the index for `terms`; what it finds must still be compared with them. */
async function indexQuery(sql: Sql, terms: readonly Term[]): Promise<string> {
  const words = [...new Set(terms.flat(2))]
  if (words.length === 1) return queryOf(terms)
  const rows = await sql<{ word: string; count: number }[]>`
    with sample as materialized (
        select search from tickets where status = 'listed' order by id desc limit ${sampledRows}),
      asked as materialized (select word, word::tsquery as query from unnest(${words}::text[]) word)
    select word, (select count(*)::int from sample s where s.search @@ asked.query) as count from asked`
  return narrowest(terms, new Map(rows.map(({ word, count }) => [word, count])), sampledRows)
}

/** The currency of most listed tickets of an event; undefined if there are none. */
async function usualCurrency(sql: Sql, eventId: string): Promise<Ticket['currency'] | undefined> {
  const [row] = await sql<{ currency: Ticket['currency'] }[]>`
    select currency from tickets where event_id = ${eventId} and status = 'listed'
    group by currency order by count(*) desc, currency limit 1`
  return row?.currency
}

export const myTickets = query(mineEndpoint, async ({ query: input, session }, { db: { sql } }: TicketsService) => {
  const { limit = 20, after } = input
  const cursor = after === undefined ? null : readCursor(after, sorts.newest.kinds)
  if (isRefusal(cursor)) return cursor
  const rows = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from tickets t ${ticketJoins(sql)}
    where t.seller_id = ${session.userId} ${cursor === null ? sql`` : sorts.newest.after(sql, cursor)}
    order by t.id desc limit ${limit + 1}`
  return answerPage(mineEndpoint.path, input, cutPage(rows, limit, sorts.newest.values), toOwnTicket)
})

export const browseEveryTicket = query(everyEndpoint, async (request, { db: { sql }, audit }: TicketsService) => {
  const { query: input } = request
  const { status, sellerId, limit = 20, after } = input
  const cursor = after === undefined ? null : readCursor(after, sorts.newest.kinds)
  if (isRefusal(cursor)) return cursor
  const rows = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from (
      select t.* from tickets t where true
        ${status === undefined ? sql`` : sql`and t.status = ${status}`}
        ${sellerId === undefined ? sql`` : sql`and t.seller_id = ${sellerId}`}
        ${cursor === null ? sql`` : sorts.newest.after(sql, cursor)}
      order by t.id desc limit ${limit + 1}
    ) t ${ticketJoins(sql)} order by t.id desc`
  await audit.note(request, { action: 'tickets-read', subject: sellerId, detail: sellerId ? 'of seller' : 'list' })
  return answerPage(everyEndpoint.path, input, cutPage(rows, limit, sorts.newest.values), toOwnTicket)
})

const answerPage = (
  path: string,
  input: object,
  { shown, cursor }: ReturnType<typeof cutPage<TicketRow>>,
  show: (row: TicketRow) => Ticket = toTicket,
) => answer(shown.map(show), { headers: nextPage(path, { ...input }, cursor) })
