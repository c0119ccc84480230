// Messages that were given up: a person looks at them, mends the cause, and has them tried again.

import type { Envelope } from '@aisle/contracts/message'
import type { Sql } from '../db/database.ts'

export type ParkedMessage = {
  messageId: string
  publisher: string
  state: 'retrying' | 'parked'
  tries: number
  error: string
  since: Date
  /** As it came: what is unreadable may be any JSON. */
  message: Partial<Envelope> | null
}

/** The messages that a service has set aside, oldest first, `limit` at the most. */
export const listParked = (sql: Sql, limit = 100_000): Promise<ParkedMessage[]> =>
  sql<
    ParkedMessage[]
  >`select message_id, publisher, state, tries, error, since, message from parked_messages order by since, message_id limit ${limit}`

/** Has parked messages tried again at once, all or one; resolves to how many. */
export async function replayParked(sql: Sql, which: 'all' | string): Promise<number> {
  const replayed = await sql`
    update parked_messages set state = 'retrying', tries = 0, next_try_at = now()
    where state = 'parked' and (${which} = 'all' or message_id::text = ${which})`
  return replayed.count
}
