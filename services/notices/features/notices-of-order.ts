// An admin sees what was told about an order, and what became of the mails. Found by notices_of_order.

import { noticesOfOrder as endpoint } from '@aisle/contracts/api/notices'
import { answer, query } from '@aisle/kit/http/route'
import type { NoticesService } from '../context.ts'
import { type NoticeRow, noticeRows, toNotice } from '../queries.ts'

const shownAtOnce = 100

export const noticesOfOrder = query(endpoint, async (request, { db: { sql }, audit }: NoticesService) => {
  const { orderId } = request.query
  const rows = await sql<NoticeRow[]>`
    ${noticeRows(sql)} where n.order_id = ${orderId} order by n.id limit ${shownAtOnce}`
  await audit.note(request, { action: 'notices-read', subject: orderId })
  return answer(
    rows.map((row) => ({ ...toNotice(row, 'en'), userId: row.userId, ...(row.why === null ? {} : { why: row.why }) })),
  )
})
