// How the lists that anyone may read reach the database. Who asks for the same list at the same time gets one read. A
// search may be slow: words that are frequent, but never together, make PostgreSQL compare long lists of tickets. So
// searches have connections of their own, which they cannot take from anything else; few, so that the server has
// processors left for reservations; and a time limit.

import { connect } from '@aisle/kit/db/connect'
import { isTimeout, type Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import { shareReads } from '@aisle/kit/http/shared-reads'

/** Searches at a time. */
export const searchesAtOnce = 4
/** More are turned away at once. */
const mostWaiting = 100
/** The server ends a statement of a search after this time, */
const searchMs = 1_000
/** and nobody waits longer than this for a free connection. */
const waitMs = 3_000
const retryAfterSeconds = 2
const crowded = 'Too many searches at once. Try again in a moment.'

export type Lists = {
  /**
   * Calls `read` once for all who ask for `key` while an earlier read of it runs, so nobody gets what was read before
   * they asked. A search that takes too long, or comes when there are too many, is refused.
   */
  read<T>(list: { key: string; isSearch: boolean }, read: (sql: Sql) => Promise<T>): Promise<T | Refusal>
  close(): Promise<void>
}

/** `sql`: for lists without words. `url`: the database, for searches. */
export function createLists(sql: Sql, url: string): Lists {
  const searches = connect(url, {
    max: searchesAtOnce,
    idle_timeout: 30,
    answerWithinMs: waitMs,
    connection: { application_name: 'tickets searches', statement_timeout: searchMs },
  })
  const share = shareReads()
  return {
    read: ({ key, isSearch }, read) => share(key, () => (isSearch ? search(read) : read(sql))),
    close: () => searches.end({ timeout: 5 }),
  }

  async function search<T>(read: (sql: Sql) => Promise<T>): Promise<T | Refusal> {
    if (searches.use().waiting >= mostWaiting) return refuse('unavailable', { message: crowded, retryAfterSeconds })
    try {
      return await read(searches)
    } catch (error) {
      if (isTimeout(error))
        return refuse('unavailable', { message: 'This search takes too long. Try other words.', retryAfterSeconds })
      if ((error as { code?: string }).code !== 'ETIMEDOUT') throw error
      return refuse('unavailable', { message: crowded, retryAfterSeconds })
    }
  }
}
