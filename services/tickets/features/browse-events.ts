// Anyone browses the upcoming events with tickets for sale, soonest first, each with its number of listed
// tickets and the lowest price per currency.

import { browseEvents as endpoint, showEvent as showEndpoint } from '@aisle/contracts/api/events'
import type { Query } from '@aisle/contracts/endpoint'
import type { Sql } from '@aisle/kit/db/database'
import { cutPage, nextPage, readCursor } from '@aisle/kit/db/keyset'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { needsCurrency } from '../prices.ts'
import { type EventRow, eventColumns, offeredJoin, toEvent } from '../queries.ts'
import { searchQuery, wordsKey } from '../search-text.ts'

export const browseEvents = query(endpoint, async ({ query: input }, { clock, parts }: TicketsService) => {
  const { q = '', to, maxPrice, currency, after } = input
  const cursor = after === undefined ? null : readCursor(after, ['time', 'id'])
  if (isRefusal(cursor)) return cursor
  if (input.from !== undefined && to !== undefined && Date.parse(input.from) > Date.parse(to))
    return refuse('invalid', { field: 'to', message: 'is before from' })
  if (maxPrice !== undefined && currency === undefined) return refuse('invalid', needsCurrency)
  const search = searchQuery(q)
  if (q.trim() !== '' && search === null) return answer([])
  const list = { key: JSON.stringify([endpoint.path, input]), isSearch: search !== null }
  return parts.lists.read(list, (sql) => readPage(sql, { input, search, cursor, now: clock.now() }))
})

type Asked = {
  input: Query<typeof endpoint>
  search: string | null
  cursor: readonly (string | number)[] | null
  now: Date
}

async function readPage(sql: Sql, { input, search, cursor, now }: Asked) {
  const { city = '', from = now.toISOString(), to, kind, maxPrice, currency, limit = 20 } = input
  const inCity = wordsKey(city)
  const rows = await sql<EventRow[]>`
    select ${eventColumns(sql)} from (
      select e.* from events e
      where e.starts_at > ${now} and e.starts_at >= ${from}
        ${to === undefined ? sql`` : sql`and e.starts_at <= ${to}`}
        ${inCity === '' ? sql`` : sql`and e.city_key = ${inCity}`}
        -- Looked up per event, because "exists" would become a join with all tickets.
        and (
          select true from tickets t where t.event_id = e.id and t.status = 'listed'
            ${maxPrice === undefined ? sql`` : sql`and t.price <= ${maxPrice}`}
            ${currency === undefined ? sql`` : sql`and t.currency = ${currency}`} limit 1)
        ${kind === undefined ? sql`` : sql`and e.kind = ${kind}`}
        ${search === null ? sql`` : sql`and e.search @@ ${search}::tsquery`}
        ${
          cursor === null
            ? sql``
            : sql`and (e.starts_at, e.id) > (${cursor[0] as string}::timestamptz, ${cursor[1] as string})`
        }
      order by e.starts_at, e.id limit ${limit + 1}
    ) e ${offeredJoin(sql)} order by e.starts_at, e.id`
  const { shown, cursor: next } = cutPage(rows, limit, ({ startsAt, id }) => [startsAt.toISOString(), id])
  return answer(
    shown.map((row) => toEvent(row, now)),
    { headers: nextPage(endpoint.path, input, next) },
  )
}

export const showEvent = query(showEndpoint, async ({ params, now }, { db: { sql } }: TicketsService) => {
  const [row] = await sql<
    EventRow[]
  >`select ${eventColumns(sql)} from events e ${offeredJoin(sql)} where e.id = ${params.id}`
  return row ? answer(toEvent(row, now)) : refuse('not-found')
})
