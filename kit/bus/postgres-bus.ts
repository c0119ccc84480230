// The bus without a broker: a listener reads the publisher's outbox as a log (outbox-log.ts) and saves its cursor
// in the transaction of the effect.

import type { Sql } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Backlog, Bus, Deliver } from './bus.ts'
import { type CursorMove, createCursor } from './cursor.ts'
import { createNotifier } from './notifier.ts'
import { endOfOutbox, hasMark, isAfter, type Mark, markOf, type OutboxRow, readOutbox } from './outbox-log.ts'

/** A hint is lost with the process that wrote the message, before it could send it. */
const pollMs = 1_000
const batchSize = 256
/**
 * How often a listener reports its position to the publisher, and moves its cursor past messages that have no
 * effect here.
 */
const reportEveryMs = 10_000

export type PostgresBusOptions = {
  /** This service's own database, where writes to the outbox are announced. */
  url: string
  /** The database of each publisher, connected to as its read-only role. */
  outboxUrls: Record<string, string>
  /** This service's database: cursors are read here. */
  sql: Sql
  applicationName: string
  /** Called when the outbox of `publisher` differs from the one that was read before. */
  historyChanged?: (publisher: string) => void
  log: Log
}

/**
 * Creates the bus; it connects when `subscribe` or `notify` is called. `subscribe` rejects for a publisher that
 * has no URL.
 */
export function postgresBus(options: PostgresBusOptions): Bus {
  const { url, outboxUrls, sql, applicationName, historyChanged = () => {}, log } = options
  const notifier = createNotifier(url, applicationName, log)
  const readers: Reader[] = []
  const stop = async () => {
    await Promise.all(readers.map((reader) => reader.stop()))
  }
  return {
    async subscribe({ publishers, types }, deliver) {
      for (const publisher of publishers) {
        const outboxUrl = outboxUrls[publisher]
        if (!outboxUrl)
          throw new Error(
            `There is no address for the outbox of ${publisher}; set OUTBOX_URL_${publisher.toUpperCase()}.`,
          )
        readers.push(
          await startReader({ publisher, types, outboxUrl, sql, applicationName, historyChanged, deliver, log }),
        )
      }
    },
    notify: notifier.notify,
    trouble: () => readers.map((reader) => reader.trouble()).find((trouble) => trouble !== null) ?? null,
    unpublished: async () => null,
    streamFill: async () => null,
    behind: () => Promise.all(readers.map((reader) => reader.behind())),
    stop,
    async close() {
      await stop()
      await notifier.stop()
    },
  }
}

type Reader = {
  trouble(): string | null
  behind(): Promise<Backlog & { publisher: string }>
  stop(): Promise<void>
}

async function startReader(options: {
  publisher: string
  types: readonly string[]
  outboxUrl: string
  sql: Sql
  applicationName: string
  historyChanged: (publisher: string) => void
  deliver: Deliver
  log: Log
}): Promise<Reader> {
  const { publisher, types, outboxUrl, sql, applicationName, historyChanged, deliver, log } = options
  const wanted = new Set(types)
  const cursor = createCursor(sql, publisher)
  const trouble = `the outbox of ${publisher} cannot be read or its messages not be applied`
  /** How far this process has read: the cursor need not be moved past every message that has no effect here. */
  let position: Mark | null = null
  /** How far the messages that were read have been processed. */
  let done: Mark | null = null
  let reportedAt = performance.now()
  const forget = () => {
    cursor.forget()
    position = null
    done = null
  }
  const reader = await readOutbox({
    url: outboxUrl,
    applicationName: `${applicationName} reader`,
    rowsAtOnce: batchSize,
    pollMs,
    connected: checkHistory,
    async from(outbox) {
      position ??= await cursor.read()
      if (performance.now() - reportedAt > reportEveryMs) await report(outbox)
      return position
    },
    wants: (types) => types.some((type) => wanted.has(type)),
    take,
    onFailure: (error) => log.warn({ err: error, publisher }, `${trouble}; trying again`),
  })
  return {
    trouble: () => (reader.failure() === null ? null : trouble),
    behind: async () => ({ publisher, ...(await reader.backlog(done ?? (await cursor.read()))) }),
    stop: () => reader.stop(),
  }

  /** The connection is new, so the server may be another one, or the same one gone back in time. */
  async function checkHistory(outbox: Sql): Promise<void> {
    forget()
    const state = await cursor.read()
    if (await hasMark(outbox, state)) return
    const { xid: againUntil } = await endOfOutbox(outbox)
    log.error(
      { publisher, had: state, againUntil },
      'the outbox of a publisher has another history; reading it again from its oldest message',
    )
    historyChanged(publisher)
    // If another replica was faster, its cursor is read.
    await cursor.saveAlone({ xid: '0', seq: '0', messageId: null, againUntil })
    forget()
  }

  async function take(rows: readonly OutboxRow[]): Promise<void> {
    const last = markOf(rows.at(-1)!)
    position = last
    try {
      const { againUntil } = await cursor.read()
      await deliver({
        publisher,
        messages: rows.map((row) => row.message),
        isAgain: (index) => againUntil !== null && isAfter({ xid: againUntil, seq: '0' }, rows[index]!),
        async advance(tx, count, ids) {
          const fresh = await cursor.save(tx, past(markOf(rows[count - 1]!), againUntil), ids)
          if (!fresh) forget()
          return fresh
        },
        advanceBlindly: (tx, ids) => cursor.saveBlindly(tx, past(last, againUntil), ids),
      })
      done = position
    } catch (error) {
      // What was not committed is read again from the cursor.
      forget()
      throw error
    }
  }

  /** Limited in frequency: each report is a transaction on either side. */
  async function report(outbox: Sql): Promise<void> {
    reportedAt = performance.now()
    const state = await cursor.read()
    if (done && isAfter(done, state) && !(await cursor.saveAlone(past(done, state.againUntil)))) forget()
    const { xid, seq } = await cursor.read()
    await outbox`select report_position(${applicationName}, ${xid}, ${seq})`.catch((error: unknown) =>
      log.warn({ err: error, publisher }, 'could not report to the publisher how far its outbox was read'),
    )
  }
}

/** A move to `mark`, which ends the second reading if it lies past it. */
const past = (mark: Mark, againUntil: string | null): CursorMove =>
  againUntil !== null && isAfter(mark, { xid: againUntil, seq: '0' }) ? { ...mark, againUntil: null } : mark
