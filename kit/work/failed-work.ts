// Work that was given up, and work that is waiting for another attempt. A person inspects it, fixes the cause and
// replays it.

import type { Sql } from '../db/database.ts'

/** Work that has failed at least once and is not finished. */
export type FailedWork = {
  key: string
  kind: string
  subject: string
  state: 'retrying' | 'dead'
  tries: number
  error: string
  since: Date
}

/** The work that a service is retrying or has given up, oldest first, at most `limit`. */
export const listFailedWork = (sql: Sql, limit = 100_000): Promise<FailedWork[]> =>
  sql<FailedWork[]>`
    select key, kind, subject, case status when 'dead' then 'dead' else 'retrying' end as state, tries,
      coalesce(error, '') as error, created_at as since
    from work where (status = 'pending' and tries > 0) or status = 'dead'
    order by created_at, key limit ${limit}`

/**
 * Runs dead work again at once: all, or the one with the key `which`. Resolves to its number. It gets one attempt: if
 * that fails, it is dead again.
 */
export async function replayWork(sql: Sql, which: 'all' | string): Promise<number> {
  const replayed = await sql`
    update work set status = 'pending', tries = 0, taken_by = null, next_try_at = created_at, finished_at = null
    where status = 'dead' and (${which} = 'all' or key = ${which})`
  return replayed.count
}
