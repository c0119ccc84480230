// A buyer looks at their orders; nobody else can.

import { showOrder as endpoint, myOrders as listEndpoint } from '@aisle/contracts/api/orders'
import { nextPage, readCursor, writeCursor } from '@aisle/kit/db/keyset'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { OrdersService } from '../context.ts'
import { type OrderRow, toOrder } from '../queries.ts'

export const showOrder = query(endpoint, async ({ params, session }, { db: { sql } }: OrdersService) => {
  const [row] = await sql<OrderRow[]>`select * from orders where id = ${params.id}`
  if (!row) return refuse('not-found')
  return row.buyerId === session.userId ? answer(toOrder(row)) : refuse('forbidden')
})

export const myOrders = query(listEndpoint, async ({ query: input, session }, { db: { sql } }: OrdersService) => {
  const { status, limit = 20, after } = input
  const cursor = after === undefined ? null : readCursor(after, ['id'])
  if (isRefusal(cursor)) return cursor
  const rows = await sql<OrderRow[]>`
    select * from orders
    where buyer_id = ${session.userId}
      ${status === undefined ? sql`` : sql`and status = ${status}`}
      ${cursor === null ? sql`` : sql`and id < ${cursor[0] as string}`}
    order by id desc limit ${limit}`
  const last = rows.at(-1)
  return answer(rows.map(toOrder), {
    headers: nextPage(listEndpoint.path, input, last && rows.length === limit ? writeCursor([last.id]) : null),
  })
})
