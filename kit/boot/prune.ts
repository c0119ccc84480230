// Deletes what is older than anyone can still ask for. In small batches, so that no transaction holds the log back.

import type postgres from 'postgres'
import type { Database, Sql } from '../db/database.ts'
import { auditKeptDays } from '../http/audit.ts'
import { forgetLateCalls } from '../http/forget-caller.ts'
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
export async function prune(db: Pick<Database, 'tx'>): Promise<number> {
  await forgetLateCalls(db)
  const removed = [
    await remove(
      db,
      (sql) => sql`
        delete from idempotency_keys where ctid = any (array(
          select ctid from idempotency_keys
          where created_at < now() - ${keptHours}::int * interval '1 hour' limit ${rowsAtOnce}))`,
    ),
    // The oldest messages were consumed first, but for those that are read again.
    await remove(
      db,
      (sql) => sql`
        delete from inbox where ctid = any (array(
          select ctid from (select ctid, consumed_at from inbox order by message_id limit ${rowsAtOnce}) oldest
          where consumed_at < now() - ${inboxKeptDays}::int * interval '1 day'))`,
    ),
    // The oldest rows, as far as every listener, and the relay where there is one, has passed them. The row at a
    // listener's position stays: it proves that this outbox is the one that was read.
    await remove(
      db,
      (sql) => sql`
        delete from outbox where ctid = any (array(
          select ctid from (select ctid, xid, seq, written_at from outbox
            order by outbox.xid, outbox.seq limit ${rowsAtOnce}) oldest
          where written_at < now() - ${messagesKeptDays}::int * interval '1 day'
            and not exists (select from outbox_listeners l where (l.xid, l.seq) <= (oldest.xid, oldest.seq))
            and not exists (
              select from relay_position r
              where (r.xid > '0' or r.rewinds > 0) and (r.xid, r.seq) <= (oldest.xid, oldest.seq))))`,
    ),
    await remove(
      db,
      (sql) => sql`
        delete from audit where ctid = any (array(
          select ctid from audit where at < now() - ${auditKeptDays}::int * interval '1 day' limit ${rowsAtOnce}))`,
    ),
    // One day more than a session can last, for clocks that differ.
    await remove(
      db,
      (sql) => sql`
        delete from session_revocations where ctid = any (array(
          select ctid from session_revocations
          where recorded_at < now() - ${longestSessionDays + 1}::int * interval '1 day' limit ${rowsAtOnce}))`,
    ),
    await remove(
      db,
      (sql) => sql`
        delete from ended_sessions where ctid = any (array(
          select ctid from ended_sessions where until < now() - interval '1 day' limit ${rowsAtOnce}))`,
    ),
    await remove(
      db,
      (sql) => sql`
        delete from rate_counts where ctid = any (array(
          select ctid from rate_counts where ends_at < now() limit ${rowsAtOnce}))`,
    ),
  ]
  return removed.some((count) => count === rowsAtOnce) ? 1_000 : everyMs
}

/** Runs a delete that finds its rows by an index: with old statistics PostgreSQL might read a whole table for them. */
const remove = (db: Pick<Database, 'tx'>, statement: (sql: Sql) => postgres.PendingQuery<postgres.Row[]>) =>
  db.tx(async ({ sql, send }) => {
    send(sql`set local enable_seqscan = off`)
    return (await statement(sql)).count
  })
