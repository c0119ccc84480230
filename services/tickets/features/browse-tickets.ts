// Anyone browses what is for sale. Each sort is read in the order of its own index, so the millionth row costs what the first one does.

import { browseTickets as endpoint, myTickets as mineEndpoint } from '@aisle/contracts/api/tickets'
import type { Sql } from '@aisle/kit/db/database'
import { nextPage, readCursor, writeCursor } from '@aisle/kit/db/keyset'
import { isRefusal } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { type TicketRow, ticketColumns, ticketJoins, toTicket } from '../queries.ts'
import { searchQuery } from '../ticket.ts'

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

export const browseTickets = query(endpoint, async ({ query: input }, { db: { sql } }: TicketsService) => {
  const { q = '', eventId, sort: sortName = 'newest', limit = 20, after } = input
  const sort = sorts[sortName]
  const cursor = after === undefined ? null : readCursor(after, sort.kinds)
  if (isRefusal(cursor)) return cursor
  const search = searchQuery(q)
  if (q.trim() !== '' && search === null) return answer([])

  // The page is chosen from tickets alone and joined afterwards. A search is planned for its own words, since whether to walk the sort's index
  // or the word's depends on how common the word is; an unnamed statement is.
  const page = sql<TicketRow[]>`
    select ${ticketColumns(sql)} from (
      select t.* from tickets t
      where t.status = 'listed'
        ${eventId === undefined ? sql`` : sql`and t.event_id = ${eventId}`}
        ${sortName === 'soonest' ? sql`and t.starts_at is not null` : sql``}
        ${search === null ? sql`` : sql`and t.search @@ to_tsquery('simple', ${search})`}
        ${cursor === null ? sql`` : sort.after(sql, cursor)}
      order by ${sort.order(sql)} limit ${limit}
    ) t ${ticketJoins(sql)} order by ${sort.order(sql)}`
  const rows = await page
  return answer(rows.map(toTicket), { headers: nextPage(endpoint.path, input, more(rows, limit, sort.values)) })
})

export const myTickets = query(mineEndpoint, async ({ query: input, session }, { db: { sql } }: TicketsService) => {
  const { limit = 20, after } = input
  const cursor = after === undefined ? null : readCursor(after, sorts.newest.kinds)
  if (isRefusal(cursor)) return cursor
  const rows = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from tickets t ${ticketJoins(sql)}
    where t.seller_id = ${session.userId} ${cursor === null ? sql`` : sorts.newest.after(sql, cursor)}
    order by t.id desc limit ${limit}`
  return answer(rows.map(toTicket), {
    headers: nextPage(mineEndpoint.path, input, more(rows, limit, sorts.newest.values)),
  })
})

/** The cursor behind the last row, when the page is full and there may be more. */
function more(rows: readonly TicketRow[], limit: number, values: Sort['values']): string | null {
  const last = rows.at(-1)
  return last && rows.length === limit ? writeCursor(values(last)) : null
}
