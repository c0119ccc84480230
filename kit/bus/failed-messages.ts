// Dead letters: messages that were given up. A person inspects them, fixes the cause and replays them.

import type { Envelope } from '@aisle/contracts/message'
import type { Sql } from '../db/database.ts'

export type FailedMessage = {
  messageId: string
  publisher: string
  state: 'retrying' | 'parked'
  tries: number
  error: string
  since: Date
  /** As it arrived: an unreadable message may be any JSON. */
  message: Partial<Envelope> | null
}

/** The messages that a service is retrying or has given up, oldest first, at most `limit`. */
export const listFailedMessages = (sql: Sql, limit = 100_000): Promise<FailedMessage[]> =>
  sql<FailedMessage[]>`select message_id, publisher, state, tries, error, since, message from parked_messages
    order by since, message_id limit ${limit}`

/** Retries dead letters at once: all, or the one with the id `which`. Resolves to their number. */
export async function replayMessages(sql: Sql, which: 'all' | string): Promise<number> {
  const replayed = await sql`
    update parked_messages set state = 'retrying', tries = 0, next_try_at = now()
    where state = 'parked' and (${which} = 'all' or message_id::text = ${which})`
  return replayed.count
}
