// How far a listener has read in a publisher's outbox, and which of its messages were consumed before (the inbox).
// Saved in the listener's own transaction with the effect, whichever bus delivers the messages.

import type { Sql, Tx } from '../db/database.ts'
import { beginning, type Mark } from './outbox-log.ts'

/** A position in a publisher's outbox, and what the listener's database stores with it. */
export type CursorState = Mark & {
  /** Over a broker: the history (epoch) of the outbox that the position belongs to; 0 without a broker. */
  readonly epoch: number
  /** Over a broker: the message's sequence number on the stream. */
  readonly streamSequence: number | null
  /**
   * Set while the outbox is read again because its history has changed: transactions before this one may have been
   * read before.
   */
  readonly againUntil: string | null
}
/** Where to move a cursor; omitted fields keep their value. */
export type CursorMove = Mark & Partial<Pick<CursorState, 'epoch' | 'streamSequence' | 'againUntil'>>

export type Cursor = {
  /** The position in the database, or the one that this process last saved there. */
  read(): Promise<CursorState>
  /**
   * Moves it in `tx`, and records the messages `ids` in the inbox, in one statement. Resolves to those ids that the
   * inbox did not have; or to null, with nothing recorded, when the cursor is not where this process left it: another
   * replica has taken the messages.
   */
  save(tx: Tx, to: CursorMove, ids: readonly string[]): Promise<ReadonlySet<string> | null>
  /**
   * Like `save`, without a wait for the answer. The commit fails when the cursor is not where this process left it, or
   * when the inbox had one of `ids`.
   */
  saveBlindly(tx: Tx, to: CursorMove, ids: readonly string[]): void
  /**
   * Moves it in a transaction of its own, past messages that have no effect here. Resolves to false where `save` would
   * resolve to null.
   */
  saveAlone(to: CursorMove): Promise<boolean>
  /** Makes the next `read` load it from the database. */
  forget(): void
}

const start: CursorState = { ...beginning, messageId: null, epoch: 0, streamSequence: null, againUntil: null }

/**
 * The listener's cursor, stored in the database behind `sql`, in the outbox of `publisher`. Creating it reads
 * nothing.
 */
export function createCursor(sql: Sql, publisher: string): Cursor {
  let saved: CursorState | null = null
  return {
    async read() {
      if (!saved) {
        const [row] = await sql<CursorState[]>`
          select xid::text, seq::text, message_id, epoch::float8, stream_sequence::float8, again_until::text
          from cursors where publisher = ${publisher}`
        saved = row ?? start
      }
      return saved
    },
    async save(tx, to, ids) {
      const next = { ...(saved ?? start), ...to }
      const [done] = await tx.sql<{ isMoved: boolean; fresh: string[] }[]>`
        ${moveAndRecord(tx.sql, next, ids)}
        select exists (select from moved) as is_moved, array(select message_id::text from fresh) as fresh`
      if (!done?.isMoved) {
        saved = null
        return null
      }
      tx.afterCommit(() => arrived(next))
      return new Set(done.fresh)
    },
    saveBlindly(tx, to, ids) {
      const next = { ...(saved ?? start), ...to }
      tx.send(tx.sql`
        ${moveAndRecord(tx.sql, next, ids)}
        select demand(exists (select from moved) and (select count(*) from fresh) = ${ids.length}::int,
          'the messages were taken by another replica, or consumed before')`)
      tx.afterCommit(() => arrived(next))
    },
    async saveAlone(to) {
      const next = { ...(saved ?? start), ...to }
      const isMoved = (await move(sql, next)).length > 0
      if (isMoved) arrived(next)
      else saved = null
      return isMoved
    },
    forget() {
      saved = null
    },
  }

  function arrived({ xid, seq, messageId, epoch, streamSequence, againUntil }: CursorState): void {
    saved = { xid, seq, messageId, epoch, streamSequence, againUntil }
  }

  function moveAndRecord(sql: Sql, to: CursorState, ids: readonly string[]) {
    return sql`
      with moved as (${move(sql, to)}),
        fresh as (
          insert into inbox (message_id) select distinct id::uuid from unnest(${ids}::text[]) id
          where exists (select from moved)
          on conflict do nothing returning message_id)`
  }

  function move(sql: Sql, to: CursorState) {
    const at = saved ?? start
    return sql`
      insert into cursors as c (publisher, xid, seq, message_id, epoch, stream_sequence, again_until)
      values (${publisher}, ${to.xid}::text::xid8, ${to.seq}::text::bigint, ${to.messageId},
        ${to.epoch}::float8::bigint, ${to.streamSequence}::float8::bigint, ${to.againUntil}::text::xid8)
      on conflict (publisher) do update set xid = excluded.xid, seq = excluded.seq, message_id = excluded.message_id,
        epoch = excluded.epoch, stream_sequence = excluded.stream_sequence, again_until = excluded.again_until
      where (c.xid, c.seq, c.epoch) = (${at.xid}::text::xid8, ${at.seq}::text::bigint, ${at.epoch}::float8::bigint)
      returning 1`
  }
}
