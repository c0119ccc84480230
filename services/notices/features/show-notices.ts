// A person reads their own notices, newest first, in the language that they ask for. Found by notices_of_user.

import {
  myNotices as listEndpoint,
  liveNotices as liveEndpoint,
  readNotices as readEndpoint,
} from '@aisle/contracts/api/notices'
import type { Language } from '@aisle/contracts/messages/auth'
import { NoticeMade } from '@aisle/contracts/messages/notices'
import { cutPage, nextPage, readCursor } from '@aisle/kit/db/keyset'
import { isRefusal } from '@aisle/kit/errors'
import { answer, command, query, stream } from '@aisle/kit/http/route'
import type { NoticesService } from '../context.ts'
import { type NoticeRow, noticeRows, toNotice } from '../queries.ts'

export const myNotices = query(listEndpoint, async ({ query: input, session }, { db: { sql } }: NoticesService) => {
  const { orderId, language, limit = 20, after } = input
  const cursor = after === undefined ? null : readCursor(after, ['id'])
  if (isRefusal(cursor)) return cursor
  const rows = await sql<NoticeRow[]>`
    ${noticeRows(sql)} where n.user_id = ${session.userId} and n.is_shown
      ${orderId === undefined ? sql`` : sql`and n.order_id = ${orderId}`}
      ${cursor === null ? sql`` : sql`and n.id < ${cursor[0] as string}`}
    order by n.id desc limit ${limit + 1}`
  const { shown, cursor: next } = cutPage(rows, limit, ({ id }) => [id])
  return answer(
    shown.map((row) => toNotice(row, (language ?? 'en') as Language)),
    { headers: nextPage(listEndpoint.path, input, next) },
  )
})

/** Marks the notices up to one as read, and those before it. */
export const readNotices = command(readEndpoint, async (tx, { body, session, now }, _service: NoticesService) => {
  const { userId } = session
  // The inbox is locked first, as when a notice is made, so that the two cannot wait for each other.
  const [inbox] = await tx.sql<{ unread: number; version: number }[]>`
    select unread, version from inboxes where user_id = ${userId} for update`
  if (!inbox) return answer({ unread: 0 })
  const read = await tx.sql`
    update notices set read_at = ${now}
    where user_id = ${userId} and is_shown and read_at is null and id <= ${body.upTo}`
  if (read.count === 0) return answer({ unread: inbox.unread })
  const [counted] = await tx.sql<[{ unread: number; version: number }]>`
    update inboxes set unread = unread - ${read.count}, version = version + 1 where user_id = ${userId}
    returning unread, version`
  tx.emit(NoticeMade, userId, { userId, ...counted })
  return answer({ unread: counted.unread })
})

export const liveNotices = stream(liveEndpoint, async ({ session: { userId } }, { db: { sql } }: NoticesService) => {
  const show = ({ version, unread }: { version: number; unread: number }) => ({
    subject: userId,
    version,
    event: 'unread',
    data: { unread },
  })
  return {
    topics: [userId],
    async now() {
      const [inbox] = await sql<{ unread: number; version: number }[]>`
        select unread, version from inboxes where user_id = ${userId}`
      return [show(inbox ?? { version: 0, unread: 0 })]
    },
    show: ({ type, data }) => (type === NoticeMade.type ? show(data as { version: number; unread: number }) : null),
  }
})
