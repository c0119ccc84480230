// Deletes what is older than anyone can still ask for. In small batches, so that no transaction holds the log back.

import type { Sql } from '../db/database.ts'
import { auditKeptDays } from '../http/audit.ts'
import { keptHours } from '../http/idempotency.ts'
import { longestSessionDays } from '../http/session.ts'

const everyMs = 60_000
const rowsAtOnce = 5_000
/** Messages are kept for this long, and longer while a listener has not read them. */
export const messagesKeptDays = 7
/**
 * A message may be read again for as long as its outbox keeps it, so the record that it was consumed must live
 * longer.
 */
const inboxKeptDays = messagesKeptDays + 1

/**
 * Deletes a bounded number of expired rows from each of the kit's tables; resolves to the milliseconds until the
 * next time.
 */
export async function prune(sql: Sql): Promise<number> {
  const removed = [
    await sql`
      delete from idempotency_keys where ctid in (
        select ctid from idempotency_keys
        where created_at < now() - ${keptHours}::int * interval '1 hour' limit ${rowsAtOnce})`,
    await sql`
      delete from inbox where ctid in (
        select ctid from inbox
        where consumed_at < now() - ${inboxKeptDays}::int * interval '1 day' limit ${rowsAtOnce})`,
    // The oldest rows, as far as every listener, and the relay where there is one, has passed them. The row at a
    // listener's position stays: it proves that this outbox is the one that was read.
    await sql`
      delete from outbox where (xid, seq) in (
        select xid, seq from (select xid, seq, written_at from outbox
          order by outbox.xid, outbox.seq limit ${rowsAtOnce}) oldest
        where written_at < now() - ${messagesKeptDays}::int * interval '1 day'
          and not exists (select from outbox_listeners l where (l.xid, l.seq) <= (oldest.xid, oldest.seq))
          and not exists (
            select from relay_position r
            where (r.xid > '0' or r.rewinds > 0) and (r.xid, r.seq) <= (oldest.xid, oldest.seq)))`,
    await sql`
      delete from audit where ctid in (
        select ctid from audit where at < now() - ${auditKeptDays}::int * interval '1 day' limit ${rowsAtOnce})`,
    // One day more than a session can last, for clocks that differ.
    await sql`
      delete from session_revocations where ctid in (
        select ctid from session_revocations
        where recorded_at < now() - ${longestSessionDays + 1}::int * interval '1 day' limit ${rowsAtOnce})`,
    await sql`
      delete from ended_sessions where ctid in (
        select ctid from ended_sessions where until < now() - interval '1 day' limit ${rowsAtOnce})`,
    await sql`
      delete from rate_counts where ctid in (select ctid from rate_counts where ends_at < now() limit ${rowsAtOnce})`,
  ]
  return removed.some((result) => result.count === rowsAtOnce) ? 1_000 : everyMs
}
