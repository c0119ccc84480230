// What has just happened, for pages that are open: a tail of this service's own outbox, in memory. Every replica reads it for its own listeners, so it does
// not matter which of them a page is connected to. Nothing depends on it: a page that misses something sees it when it is loaded again.

import type { Envelope } from '@aisle/contracts/message'
import { connect } from './db/connect.ts'
import type { Log } from './log.ts'

/** A message with its place in the log, which a listener that comes back names as the last it has heard. */
export type Told = { readonly id: string; readonly message: Envelope }
export type Live = {
  /** Calls `hear` for every message of the topics from now on. Resolves to what ends it. */
  listen(topics: readonly string[], hear: (told: Told) => void): () => void
  /** The messages of the topics after `id`, or null when that is longer ago than is remembered. */
  since(topics: readonly string[], id: string): Told[] | null
  stop(): Promise<void>
}

const pollMs = 500
const afterErrorMs = 500
const rowsAtOnce = 500
/** Messages that are remembered for listeners who were away for a moment. */
const remembered = 5_000

type Row = { xid: string; seq: string; message: Envelope }

export async function startLive(options: {
  url: string
  applicationName: string
  /** What a message is about. */
  topicsOf: (message: Envelope) => readonly string[]
  log: Log
}): Promise<Live> {
  const { url, applicationName, topicsOf, log } = options
  const listeners = new Map<string, Set<(told: Told) => void>>()
  const recent: (Told & { topics: readonly string[] })[] = []
  let listening = false
  let hinted = false
  let stopped = false
  let wake = () => {}
  const outbox = connect(url, {
    max: 1,
    max_lifetime: null,
    connection: { application_name: `${applicationName} live` },
    onclose: () => {
      listening = false
    },
    ...{
      onnotify: () => {
        hinted = true
        wake()
      },
    },
  })
  let position = await readEnd()
  recent.push({ id: idOf(position), message: {} as Envelope, topics: [] })
  const finished = run()

  return {
    listen(topics, hear) {
      for (const topic of topics) listeners.set(topic, (listeners.get(topic) ?? new Set()).add(hear))
      return () => {
        for (const topic of topics) {
          const ears = listeners.get(topic)
          ears?.delete(hear)
          if (ears?.size === 0) listeners.delete(topic)
        }
      }
    },
    since(topics, id) {
      const at = recent.findIndex((told) => told.id === id)
      if (at === -1) return null
      const wanted = new Set(topics)
      return recent.slice(at + 1).filter((told) => told.topics.some((topic) => wanted.has(topic)))
    },
    async stop() {
      stopped = true
      wake()
      await finished
      await outbox.end({ timeout: 2 })
    },
  }

  async function readEnd(): Promise<{ xid: string; seq: string }> {
    const [end] = await outbox<{ xid: string }[]>`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`
    return { xid: end?.xid ?? '0', seq: '0' }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        if (!listening) {
          await outbox`listen outbox`
          listening = true
        }
        hinted = false
        const count = await readOnce()
        if (count < rowsAtOnce && !hinted) await idle(pollMs)
      } catch (error) {
        if (stopped) return
        log.warn({ err: error }, 'the live tail of the outbox cannot be read; trying again')
        await idle(afterErrorMs)
      }
    }
  }

  async function readOnce(): Promise<number> {
    // Ordered and bounded as the bus reads it: see bus/postgres-bus.ts.
    const rows = await outbox<Row[]>`
      select xid::text, seq::text, message from outbox
      where (xid, seq) > (${position.xid}::text::xid8, ${position.seq}::text::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by outbox.xid, outbox.seq limit ${rowsAtOnce}`
    for (const row of rows) {
      position = row
      tell({ id: idOf(row), message: row.message })
    }
    return rows.length
  }

  function tell(told: Told): void {
    const topics = topicsOf(told.message)
    recent.push({ ...told, topics })
    if (recent.length > remembered) recent.splice(0, recent.length - remembered)
    const ears = new Set(topics.flatMap((topic) => [...(listeners.get(topic) ?? [])]))
    for (const hear of ears) hear(told)
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
}

const idOf = ({ xid, seq }: { xid: string; seq: string }) => `${xid}-${seq}`
