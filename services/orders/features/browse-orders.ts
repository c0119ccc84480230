// An admin browses the orders and reads the story of one.

import { browseOrders as endpoint, orderStory as storyEndpoint } from '@aisle/contracts/api/orders'
import type { Order } from '@aisle/contracts/entities'
import { cutPage, nextPage, readCursor } from '@aisle/kit/db/keyset'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { OrdersService } from '../context.ts'
import { type OrderRow, readNumber, toRecord } from '../queries.ts'

export const browseOrders = query(endpoint, async (request, { db: { sql }, audit }: OrdersService) => {
  const { query: input } = request
  const { status, buyerId, ticketId, limit = 20, after } = input
  const number = readNumber(input.number)
  if (isRefusal(number)) return number
  const cursor = after === undefined ? null : readCursor(after, ['id'])
  if (isRefusal(cursor)) return cursor
  const rows = await sql<OrderRow[]>`
    select * from orders where true
      ${status === undefined ? sql`` : sql`and status = ${status}`}
      ${number === undefined ? sql`` : sql`and number = ${number}`}
      ${buyerId === undefined ? sql`` : sql`and buyer_id = ${buyerId}`}
      ${ticketId === undefined ? sql`` : sql`and ticket_id = ${ticketId}`}
      ${cursor === null ? sql`` : sql`and id < ${cursor[0] as string}`}
    order by id desc limit ${limit + 1}`
  const subject = buyerId ?? ticketId
  await audit.note(request, {
    action: 'orders-read',
    subject,
    detail: subject ? `of ${buyerId ? 'buyer' : 'ticket'}` : (number ?? 'list'),
  })
  const { shown, cursor: next } = cutPage(rows, limit, ({ id }) => [id])
  return answer(shown.map(toRecord), { headers: nextPage(endpoint.path, input, next) })
})

type StepRow = { status: Order['status']; reason: string | null; expiresAt: Date; at: Date }

export const orderStory = query(storyEndpoint, async (request, { db: { sql }, audit }: OrdersService) => {
  const { params } = request
  const [row] = await sql<OrderRow[]>`select * from orders where id = ${params.id}`
  if (!row) return refuse('not-found')
  await audit.note(request, { action: 'orders-read', subject: row.id })
  const steps = await sql<
    StepRow[]
  >`select status, reason, expires_at, at from order_steps where order_id = ${row.id} order by version`
  return answer({
    order: toRecord(row),
    steps: steps.map(({ status, reason, expiresAt, at }, index) => {
      const extended = steps[index - 1]?.status === status
      const detail = reason ?? (extended || index === 0 ? `until ${expiresAt.toISOString()}` : null)
      return {
        at: at.toISOString(),
        kind: 'order' as const,
        what: extended ? 'extended' : status,
        ...(detail === null ? {} : { detail }),
      }
    }),
  })
})
