// A user sees the devices they are signed in on.

import { mySessions as endpoint } from '@aisle/contracts/api/users'
import { answer, query } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import type { SessionRow } from '../session-rows.ts'

const shownAtOnce = 100

export const mySessions = query(endpoint, async ({ session, now }, { db }: AuthService) => {
  const rows = await db.sql<SessionRow[]>`
    select * from sessions where user_id = ${session.userId} and ended_at is null and expires_at > ${now}
    order by id = ${session.id} desc, seen_at desc, id desc limit ${shownAtOnce}`
  return answer(
    rows.map(({ id, device, address, createdAt, seenAt }) => ({
      id,
      ...(device === null ? {} : { device }),
      address,
      createdAt: createdAt.toISOString(),
      seenAt: seenAt.toISOString(),
      current: id === session.id,
    })),
  )
})
