// How far a listener has read in a publisher's outbox. Saved in the listener's own transaction with the effect,
// whichever bus delivers the messages.

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
   * Moves it in `tx`. Resolves to false when it is not where this process left it: another replica has taken the
   * messages.
   */
  save(tx: Tx, to: CursorMove): Promise<boolean>
  /** Like `save`, in a transaction of its own: for messages that have no effect here. */
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
    async save(tx, to) {
      const next = { ...(saved ?? start), ...to }
      const isMoved = await move(tx.sql, next)
      if (isMoved) tx.afterCommit(() => arrived(next))
      return isMoved
    },
    async saveAlone(to) {
      const next = { ...(saved ?? start), ...to }
      const isMoved = await move(sql, next)
      if (isMoved) arrived(next)
      return isMoved
    },
    forget() {
      saved = null
    },
  }

  function arrived({ xid, seq, messageId, epoch, streamSequence, againUntil }: CursorState): void {
    saved = { xid, seq, messageId, epoch, streamSequence, againUntil }
  }

  async function move(sql: Sql, to: CursorState): Promise<boolean> {
    const at = saved ?? start
    const moved = await sql`
      insert into cursors as c (publisher, xid, seq, message_id, epoch, stream_sequence, again_until)
      values (${publisher}, ${to.xid}::text::xid8, ${to.seq}::text::bigint, ${to.messageId},
        ${to.epoch}::float8::bigint, ${to.streamSequence}::float8::bigint, ${to.againUntil}::text::xid8)
      on conflict (publisher) do update set xid = excluded.xid, seq = excluded.seq, message_id = excluded.message_id,
        epoch = excluded.epoch, stream_sequence = excluded.stream_sequence, again_until = excluded.again_until
      where (c.xid, c.seq, c.epoch) = (${at.xid}::text::xid8, ${at.seq}::text::bigint, ${at.epoch}::float8::bigint)
      returning 1`
    if (moved.length === 0) saved = null
    return moved.length > 0
  }
}
