// A buyer reads their own orders; other users cannot.

import { showOrder as endpoint, myOrders as listEndpoint, liveOrder as liveEndpoint } from '@aisle/contracts/api/orders'
import type { OrderState } from '@aisle/contracts/messages/orders'
import { cutPage, nextPage, readCursor } from '@aisle/kit/db/keyset'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, query, stream } from '@aisle/kit/http/route'
import type { OrdersService } from '../context.ts'
import { type OrderRow, publicOf, readNumber, toOrder } from '../queries.ts'

/** Shorter than the patience of what stands between: gateways and clients give up after 15 s or more. */
const waitsForMs = 10_000

export const showOrder = query(endpoint, async (request, { db: { sql }, arrivals }: OrdersService) => {
  const { params, session, query } = request
  const read = async () => (await sql<OrderRow[]>`select * from orders where id = ${params.id}`)[0]
  const row = await read()
  if (!row) return refuse('not-found')
  if (row.buyerId !== session.userId) return refuse('forbidden')
  const { after } = query
  if (after === undefined || row.version > after) return answer(toOrder(row))
  let latest = row
  await arrivals.change(
    row.id,
    async () => {
      latest = (await read()) ?? row
      return latest.version > after ? latest : null
    },
    waitsForMs,
  )
  return answer(toOrder(latest))
})

export const myOrders = query(listEndpoint, async ({ query: input, session }, { db: { sql } }: OrdersService) => {
  const { status, limit = 20, after } = input
  const number = readNumber(input.number)
  if (isRefusal(number)) return number
  const cursor = after === undefined ? null : readCursor(after, ['id'])
  if (isRefusal(cursor)) return cursor
  const rows = await sql<OrderRow[]>`
    select * from orders
    where buyer_id = ${session.userId}
      ${status === undefined ? sql`` : sql`and status = ${status}`}
      ${number === undefined ? sql`` : sql`and number = ${number}`}
      ${cursor === null ? sql`` : sql`and id < ${cursor[0] as string}`}
    order by id desc limit ${limit + 1}`
  const { shown, cursor: next } = cutPage(rows, limit, ({ id }) => [id])
  return answer(shown.map(toOrder), { headers: nextPage(listEndpoint.path, input, next) })
})

export const liveOrder = stream(liveEndpoint, async ({ params, session }, { db: { sql } }: OrdersService) => {
  const read = async () => (await sql<OrderRow[]>`select * from orders where id = ${params.id}`)[0]
  const row = await read()
  if (!row) return refuse('not-found')
  if (row.buyerId !== session.userId) return refuse('forbidden')
  const show = (order: ReturnType<typeof toOrder>) => ({
    subject: order.id,
    version: order.version,
    event: 'order',
    data: order,
  })
  return {
    topics: [row.id],
    now: async () => [show(toOrder((await read()) ?? row))],
    show: ({ data }) => show(publicOf(data as OrderState)),
  }
})
