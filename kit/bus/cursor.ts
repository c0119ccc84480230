// How far a listener has come in a publisher's outbox. Saved in the listener's own transaction with the effect, whichever bus brought the messages.

import type { Sql, Tx } from '../db/database.ts'
import { beginning, type Position } from './outbox-log.ts'

export type Cursor = {
  /** As it is in the database, or as this process has left it there. */
  read(): Promise<Position>
  /** Moves it in `tx`. Resolves to false when it is elsewhere than this process left it: another replica has taken the messages. */
  save(tx: Tx, to: Position): Promise<boolean>
  /** Has it read again from the database. */
  forget(): void
}

export function createCursor(sql: Sql, publisher: string): Cursor {
  let saved: Position | null = null
  return {
    async read() {
      if (!saved) {
        const [row] = await sql<Position[]>`select xid::text, seq::text from cursors where publisher = ${publisher}`
        saved = row ?? beginning
      }
      return saved
    },
    async save(tx, to) {
      const at = saved ?? beginning
      const moved = await tx.sql`
        insert into cursors as c (publisher, xid, seq) values (${publisher}, ${to.xid}::text::xid8, ${to.seq}::text::bigint)
        on conflict (publisher) do update set xid = excluded.xid, seq = excluded.seq
        where (c.xid, c.seq) = (${at.xid}::text::xid8, ${at.seq}::text::bigint)
        returning 1`
      if (moved.length === 0) saved = null
      else
        tx.afterCommit(() => {
          saved = { xid: to.xid, seq: to.seq }
        })
      return moved.length > 0
    },
    forget() {
      saved = null
    },
  }
}
