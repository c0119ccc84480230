// The bus without a broker: a consumer reads the publisher's outbox as a log.
//
// 1. Rows are ordered by (xid, seq). A row is readable once every transaction with a smaller id has ended (pg_snapshot_xmin), so nothing can
//    appear behind the cursor afterwards. Sequence numbers alone would skip rows of transactions that commit late.
// 2. The cursor is saved in the consumer's own transaction, with the effect.
// 3. NOTIFY is a hint, sent after the commit on a connection of its own and at most every few milliseconds: inside the hot transaction it would
//    serialise commits. The slow poll is the truth.

import { connect } from '../db/connect.ts'
import type { Sql, Tx } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Bus, Deliver } from './bus.ts'

const pollMs = 250
/** The first word goes out at once; under load one stands for all that was written in this time. */
const announceEveryMs = 4
const batchSize = 256
const afterErrorMs = 200

export type PostgresBusOptions = {
  /** Where this service's own outbox is announced. */
  url: string
  /** The outbox of each publisher, as its read-only role. */
  outboxUrls: Record<string, string>
  /** This service's database: cursors are read here. */
  sql: Sql
  applicationName: string
  log: Log
}

export function postgresBus(options: PostgresBusOptions): Bus {
  const { url, outboxUrls, sql, applicationName, log } = options
  const announcer = createAnnouncer(url, applicationName, log)
  const readers: Reader[] = []
  return {
    async subscribe(publishers, deliver) {
      for (const publisher of publishers) {
        const outboxUrl = outboxUrls[publisher]
        if (!outboxUrl)
          throw new Error(
            `There is no address for the outbox of ${publisher}; set OUTBOX_URL_${publisher.toUpperCase()}.`,
          )
        readers.push(await startReader({ publisher, outboxUrl, sql, applicationName, deliver, log }))
      }
    },
    announce: announcer.announce,
    trouble: () => readers.map((reader) => reader.trouble()).find((trouble) => trouble !== null) ?? null,
    async stop() {
      await Promise.all(readers.map((reader) => reader.stop()))
      await announcer.stop()
    },
  }
}

function createAnnouncer(url: string, applicationName: string, log: Log) {
  const connection = connect(url, {
    max: 1,
    idle_timeout: 30,
    connection: { application_name: `${applicationName} announcer` },
  })
  let timer: NodeJS.Timeout | null = null
  let lastAt = 0
  let current: Promise<unknown> = Promise.resolve()
  const announceNow = () => {
    timer = null
    lastAt = performance.now()
    current = connection`select pg_notify('outbox', '')`.catch((error: unknown) =>
      log.warn({ err: error }, 'could not announce the outbox; readers will poll'),
    )
  }
  return {
    announce() {
      timer ??= setTimeout(announceNow, Math.max(0, lastAt + announceEveryMs - performance.now()))
    },
    async stop() {
      if (timer) clearTimeout(timer)
      await current
      await connection.end({ timeout: 2 })
    },
  }
}

type Reader = { trouble(): string | null; stop(): Promise<void> }
type Row = { xid: string; seq: string; message: unknown }
type Position = { xid: string; seq: string }

async function startReader(options: {
  publisher: string
  outboxUrl: string
  sql: Sql
  applicationName: string
  deliver: Deliver
  log: Log
}): Promise<Reader> {
  const { publisher, outboxUrl, sql, applicationName, deliver, log } = options
  let stopped = false
  let listening = false
  let hinted = false
  let trouble: string | null = null
  let wake = () => {}
  /** The cursor as this process left it, and how far it has read: past messages that nobody here wants the cursor need not be moved. */
  let saved: Position | null = null
  let position: Position | null = null
  const onHint = () => {
    hinted = true
    wake()
  }
  // Hints and reads share this connection. `onnotify` and `onclose` are how postgres.js's own listen() hears of both.
  const outbox = connect(outboxUrl, {
    max: 1,
    max_lifetime: null,
    connection: { application_name: `${applicationName} reader` },
    onclose: () => {
      listening = false
    },
    ...{ onnotify: onHint },
  })

  await listen()
  const finished = run()
  return {
    trouble: () => trouble,
    async stop() {
      stopped = true
      wake()
      await finished
      await outbox.end({ timeout: 2 })
    },
  }

  async function listen() {
    await outbox`listen outbox`
    listening = true
  }

  async function run() {
    while (!stopped) {
      try {
        // Subscribe before you query: a row written in between is either read or hinted at.
        if (!listening) await listen()
        hinted = false
        const count = await readOnce()
        trouble = null
        if (count < batchSize && !hinted) await idle(pollMs)
      } catch (error) {
        if (stopped) return
        trouble = `the outbox of ${publisher} cannot be read or its messages not be applied`
        log.warn({ err: error, publisher }, `${trouble}; trying again`)
        await idle(afterErrorMs)
      }
    }
  }

  function idle(ms: number): Promise<void> {
    if (stopped) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms)
      wake = done
      function done() {
        clearTimeout(timer)
        wake = () => {}
        resolve()
      }
    })
  }

  async function readOnce(): Promise<number> {
    saved ??= await readCursor()
    position ??= saved
    // `order by xid` alone would mean the text of the select list: 10 before 9, and a cursor that skips.
    const rows = await outbox<Row[]>`
      select xid::text, seq::text, message from outbox
      where (xid, seq) > (${position.xid}::text::xid8, ${position.seq}::text::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by outbox.xid, outbox.seq limit ${batchSize}`
    const last = rows.at(-1)
    if (!last) return 0
    position = last
    try {
      await deliver({
        publisher,
        messages: rows.map((row) => row.message),
        advance: (tx, count) => save(tx, rows[count - 1] ?? last),
      })
    } catch (error) {
      // What was not committed is read again from where the cursor is.
      forget()
      throw error
    }
    return rows.length
  }

  function forget(): void {
    saved = null
    position = null
  }

  async function readCursor(): Promise<Position> {
    const [cursor] = await sql<Position[]>`select xid::text, seq::text from cursors where publisher = ${publisher}`
    return cursor ?? { xid: '0', seq: '0' }
  }

  // Who finds the cursor elsewhere than it was left has lost the messages to another replica.
  async function save(tx: Tx, to: Position): Promise<boolean> {
    const at = saved ?? { xid: '0', seq: '0' }
    const moved = await tx.sql`
      insert into cursors as c (publisher, xid, seq) values (${publisher}, ${to.xid}::text::xid8, ${to.seq}::text::bigint)
      on conflict (publisher) do update set xid = excluded.xid, seq = excluded.seq
      where (c.xid, c.seq) = (${at.xid}::text::xid8, ${at.seq}::text::bigint)
      returning 1`
    if (moved.length === 0) forget()
    else
      tx.afterCommit(() => {
        saved = { xid: to.xid, seq: to.seq }
      })
    return moved.length > 0
  }
}
