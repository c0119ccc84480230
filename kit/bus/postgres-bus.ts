// The bus without a broker: a listener reads the publisher's outbox as a log (outbox-log.ts) and saves its cursor in the transaction of the effect.

import type { Sql } from '../db/database.ts'
import type { Log } from '../log.ts'
import { createAnnouncer } from './announcer.ts'
import type { Backlog, Bus, Deliver } from './bus.ts'
import { createCursor } from './cursor.ts'
import { type Position, readOutbox } from './outbox-log.ts'

const pollMs = 250
const batchSize = 256

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
  const stop = async () => {
    await Promise.all(readers.map((reader) => reader.stop()))
  }
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
    unpublished: async () => null,
    behind: () => Promise.all(readers.map((reader) => reader.behind())),
    stop,
    async close() {
      await stop()
      await announcer.stop()
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
  outboxUrl: string
  sql: Sql
  applicationName: string
  deliver: Deliver
  log: Log
}): Promise<Reader> {
  const { publisher, outboxUrl, sql, applicationName, deliver, log } = options
  const cursor = createCursor(sql, publisher)
  const trouble = `the outbox of ${publisher} cannot be read or its messages not be applied`
  /** How far this process has read: past messages that nobody here wants the cursor need not be moved. */
  let position: Position | null = null
  /** And how far what it has read is done with. */
  let done: Position | null = null
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
    async from() {
      position ??= await cursor.read()
      return position
    },
    async take(rows) {
      const last = rows.at(-1)!
      position = last
      try {
        await deliver({
          publisher,
          messages: rows.map((row) => row.message),
          async advance(tx, count) {
            const moved = await cursor.save(tx, rows[count - 1] ?? last)
            if (!moved) forget()
            return moved
          },
        })
        done = position
      } catch (error) {
        // What was not committed is read again from where the cursor is.
        forget()
        throw error
      }
    },
    onFailure: (error) => log.warn({ err: error, publisher }, `${trouble}; trying again`),
  })
  return {
    trouble: () => (reader.failure() === null ? null : trouble),
    behind: async () => ({ publisher, ...(await reader.backlog(done ?? (await cursor.read()))) }),
    stop: () => reader.stop(),
  }
}
