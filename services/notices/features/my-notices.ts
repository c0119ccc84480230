// A user reads their own notices, newest first. Found by notices_of_user.

import { myNotices as endpoint } from '@aisle/contracts/api/notices'
import { answer, query } from '@aisle/kit/http/route'
import type { NoticesService } from '../context.ts'

const rowsAtMost = 100

export const myNotices = query(endpoint, async ({ session }, { db: { sql } }: NoticesService) => {
  const rows = await sql<{ id: string; text: string; createdAt: Date }[]>`
    select id, text, created_at from notices where user_id = ${session.userId} order by id desc limit ${rowsAtMost}`
  return answer(rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })))
})
