// An outbox is a log. All readers of outboxes use this file.
//
// 1. Rows are ordered by (xid, seq). A row is readable once every transaction with a smaller id has ended
//    (pg_snapshot_xmin), so nothing can appear behind a reader afterwards. Sequence numbers alone would skip rows of
//    transactions that commit late.
// 2. NOTIFY is a hint that names the types written; the slow poll is the truth. A reader reads nothing for a hint about
//    types that it does not want.
// 3. A position is valid only in the outbox that it was taken in. A database that was restored, or failed over to a
//    replica that was behind, issues numbers again that readers have passed, and they would never see what is written
//    under them. So a reader keeps the id of the message at its position. With every new connection it checks that
//    the outbox still has that message there: a server cannot go back in time without ending its connections. If the
//    message is gone, the outbox is read again from its oldest row.

import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { connect } from '../db/connect.ts'
import type { Sql } from '../db/database.ts'
import { createPause } from '../time/pause.ts'
import type { Backlog } from './bus.ts'
import { typesIn } from './notifier.ts'

/** The position of a message in the outbox that it was written to. */
export type Position = { readonly xid: string; readonly seq: string }
/** A position with the id of the message there, if it has one. */
export type Mark = Position & { readonly messageId: string | null }
export type OutboxRow = Position & { readonly message: unknown }

/** Before the first message of any outbox. */
export const beginning: Position = { xid: '0', seq: '0' }
/** A position as text, for headers and event ids. */
export const positionText = ({ xid, seq }: Position): string => `${xid}-${seq}`

/** Reads what `positionText` has written; null for anything else. */
export function parsePosition(text: string): Position | null {
  const [, xid, seq] = /^(\d{1,20})-(\d{1,19})$/.exec(text) ?? []
  return xid && seq ? { xid, seq } : null
}

/** Whether `one` lies after `other` in the same outbox. */
export function isAfter(one: Position, other: Position): boolean {
  const [a, b] = [BigInt(one.xid), BigInt(other.xid)]
  return a === b ? BigInt(one.seq) > BigInt(other.seq) : a > b
}

/** The position of a row, with the proof that the row was there. */
export const markOf = ({ xid, seq, message }: OutboxRow): Mark => ({ xid, seq, messageId: messageIdOf(message) })

/** The id of a message of any shape, or null. */
export function messageIdOf(message: unknown): string | null {
  const id = (message as { id?: unknown } | null)?.id
  return typeof id === 'string' && /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(id) ? id : null
}

/** Whether the outbox is the one in which `mark` was taken, so that everything new lies after it. */
export async function hasMark(sql: Sql, { xid, seq, messageId }: Mark): Promise<boolean> {
  if (xid === beginning.xid) return true
  const [row] = await sql<{ isPast: boolean; isThere: boolean; message: unknown; hasEarlier: boolean }[]>`
    select ${xid}::text::xid8 < pg_snapshot_xmax(pg_current_snapshot()) as is_past,
      at.message is not null as is_there, at.message,
      exists (select from outbox where (xid, seq) < (${xid}::text::xid8, ${seq}::text::bigint)) as has_earlier
    from (values (1)) one
    left join outbox at on (at.xid, at.seq) = (${xid}::text::xid8, ${seq}::text::bigint)`
  if (!row?.isPast) return false
  if (row.isThere) return messageIdOf(row.message) === messageId || messageId === null
  // Only pruning removes rows, and it removes the oldest first. A position from before marks were introduced need
  // not be that of a row.
  return messageId === null || !row.hasEarlier
}

/** The present end of the log: everything that is written from now on lies after it. */
export async function endOfOutbox(sql: Sql): Promise<Position> {
  const [end] = await sql<{ xid: string }[]>`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`
  return { xid: end?.xid ?? '0', seq: '0' }
}

const countedAtMost = 10_000

/**
 * The messages after `position`, whether readable yet or not. The count stops at ten thousand, since it is queried
 * often.
 */
export async function backlogOf(outbox: Sql, { xid, seq }: Position): Promise<Backlog> {
  const [row] = await outbox<Backlog[]>`
    select count(*)::int as messages,
      greatest(0, coalesce(extract(epoch from clock_timestamp() - min(written_at)), 0))::float8 as oldest_seconds
    from (select written_at from outbox where (xid, seq) > (${xid}::text::xid8, ${seq}::text::bigint)
          order by outbox.xid, outbox.seq limit ${countedAtMost}) behind`
  return row ?? { messages: 0, oldestSeconds: 0 }
}

/**
 * Renumbers rows whose number lies in this server's future: they came from another server, through a restored dump
 * or logical replication, and would stay unreadable until this server has counted that far. Readers find their
 * marks gone and read again. Resolves to the number of such rows.
 */
export async function renumberOutbox(sql: Sql): Promise<number> {
  let count = 0
  for (;;) {
    // The oldest first and in batches, each batch under a newer number; `seq` keeps the order about one thing.
    const renumbered = await sql`
      update outbox set xid = pg_current_xact_id() where (xid, seq) in (
        select xid, seq from outbox where xid >= pg_snapshot_xmax(pg_current_snapshot())
        order by outbox.seq limit ${renumberedAtOnce} for update)`
    count += renumbered.count
    if (renumbered.count < renumberedAtOnce) return count
  }
}
const renumberedAtOnce = 5_000

export type OutboxReader = {
  /** The messages after `position` in this outbox. */
  backlog(position: Position): Promise<Backlog>
  /** The error of the last attempt, or null if it succeeded. */
  failure(): unknown
  /**
   * Resolves when the rows that were taken last are processed. With `toTheEnd`, it resolves when all rows that were
   * there are processed, unless one fails or cannot be read within 5 s.
   */
  stop(toTheEnd?: 'to the end'): Promise<void>
}

const afterErrorMs = 200
/** Reads are small, so a silent connection is given up sooner than a transaction would be. */
const readWithinMs = 10_000
const toTheEndWithinMs = 5_000
const lookAgainMs = 20
/** The first pause after rows that are not readable yet: a transaction that began before theirs is still open. */
const notReadableMs = 2

/**
 * Passes the rows of an outbox to `take`, in order, batch after batch. Before each batch `from` returns the
 * position to go on from; null means not now, and it is asked again after `pollMs`. What either throws is reported
 * to `onFailure` and retried.
 * @throws when the outbox cannot be reached, or `from` fails, at the start
 */
export async function readOutbox(options: {
  url: string
  applicationName: string
  rowsAtOnce: number
  pollMs: number
  /** Called with every new connection, before anything is read over it. */
  connected?: (outbox: postgres.Sql) => Promise<void>
  from: (outbox: postgres.Sql) => Promise<Position | null>
  /** Whether to read at once for a hint that names these types; by default always. The poll reads in any case. */
  wants?: (types: readonly string[]) => boolean
  take: (rows: readonly OutboxRow[]) => Promise<void>
  onFailure: (error: unknown) => void
}): Promise<OutboxReader> {
  const { url, applicationName, rowsAtOnce, pollMs, connected, from, wants = () => true, take, onFailure } = options
  let stopped = false
  let stopping: Promise<void> | null = null
  let listening = false
  let hinted = false
  let failure: unknown = null
  const pause = createPause()
  const onHint = (_channel: string, payload: string) => {
    const types = typesIn(payload)
    if (types.length > 0 && !wants(types)) return
    hinted = true
    pause.wake()
  }
  // Hints and reads share this connection. postgres.js's own listen() learns of both through `onnotify` and
  // `onclose`.
  const outbox = connect(url, {
    max: 1,
    max_lifetime: null,
    answerWithinMs: readWithinMs,
    connection: { application_name: applicationName },
    onclose: () => {
      listening = false
    },
    ...{ onnotify: onHint },
  })

  try {
    await listen()
    await from(outbox)
  } catch (error) {
    await outbox.end({ timeout: 2 })
    throw error
  }
  const finished = run()
  return {
    backlog: (position) => backlogOf(outbox, position),
    failure: () => failure,
    stop(toTheEnd) {
      stopping ??= stop(toTheEnd === 'to the end')
      return stopping
    },
  }

  async function stop(toTheEnd: boolean) {
    stopped = true
    pause.end()
    await finished
    try {
      const until = performance.now() + toTheEndWithinMs
      while (toTheEnd && performance.now() < until) {
        if ((await readOnce()).count > 0) continue
        const position = await from(outbox)
        // A row is not readable yet while any transaction on the server that began before it is open.
        if (!position || (await backlogOf(outbox, position)).messages === 0) break
        await sleep(lookAgainMs)
      }
    } catch (error) {
      onFailure(error)
    }
    await outbox.end({ timeout: 2 })
  }

  async function listen() {
    await outbox`listen outbox`
    await connected?.(outbox)
    listening = true
  }

  async function run() {
    let notReadableFor = notReadableMs
    while (!stopped) {
      try {
        // Subscribe before you query: a row written in between is either read or hinted at.
        if (!listening) await listen()
        hinted = false
        const { count, isMore } = await readOnce()
        failure = null
        if (count > 0) notReadableFor = notReadableMs
        if (hinted || count === rowsAtOnce) continue
        await pause.wait(isMore ? notReadableFor : pollMs)
        if (isMore) notReadableFor = Math.min(2 * notReadableFor, pollMs)
      } catch (error) {
        if (stopped) return
        failure = error
        onFailure(error)
        await pause.wait(afterErrorMs)
      }
    }
  }

  /** `isMore`: there are rows that cannot be read yet. */
  async function readOnce(): Promise<{ count: number; isMore: boolean }> {
    const position = await from(outbox)
    if (!position) return { count: 0, isMore: false }
    // `order by xid` alone would refer to the text in the select list: 10 before 9, and a reader that skips rows.
    const found = await outbox<(OutboxRow & { isReadable: boolean })[]>`
      select xid::text, seq::text, case when is_readable then message end as message, is_readable
      from outbox, lateral (select xid < pg_snapshot_xmin(pg_current_snapshot()) as is_readable) now
      where (xid, seq) > (${position.xid}::text::xid8, ${position.seq}::text::bigint)
      order by outbox.xid, outbox.seq limit ${rowsAtOnce}`
    const rows = found.filter(({ isReadable }) => isReadable)
    if (rows.length > 0) await take(rows)
    return { count: rows.length, isMore: rows.length < found.length }
  }
}
