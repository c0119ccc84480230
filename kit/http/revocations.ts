// What every service stores about ended sessions. Each replica reads it several times a second (session.ts);
// prune.ts deletes what no longer matters.

import type { Sql } from '../db/database.ts'

/**
 * Records that sessions of `userId` whose password was given at or before `before` are refused. An older time never
 * replaces a newer one.
 */
export async function recordRevocation(sql: Sql, userId: string, before: Date): Promise<void> {
  await sql`
    insert into session_revocations as r (user_id, revoked_before) values (${userId}, ${before})
    on conflict on constraint session_revocations_pkey do update
      set revoked_before = excluded.revoked_before, recorded_at = clock_timestamp()
      where r.revoked_before < excluded.revoked_before`
}

/** Records that the session `sessionId` is refused. None of its tokens is valid after `until`. */
export async function recordEnd(sql: Sql, sessionId: string, until: Date): Promise<void> {
  await sql`
    insert into ended_sessions (session_id, until) values (${sessionId}, ${until})
    on conflict on constraint ended_sessions_pkey do nothing`
}
