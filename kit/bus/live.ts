// Live news for open pages: a tail of this service's own outbox, in memory. Every replica reads it for its own
// listeners, so it does not matter which replica a page is connected to. Nothing depends on it: a page that misses
// something sees it on the next load.

import type { Envelope } from '@aisle/contracts/message'
import type { Log } from '../log.ts'
import { endOfOutbox, type Position, positionText, readOutbox } from './outbox-log.ts'

/** A message with its position in the log. A listener that reconnects names the last position it received. */
export type Told = { readonly id: string; readonly message: Envelope }
export type Live = {
  /** Calls `hear` for every message of the topics from now on. Returns the function that ends it. */
  listen(topics: readonly string[], hear: (told: Told) => void): () => void
  /** The messages of the topics after `id`, or null when `id` is no longer remembered. */
  since(topics: readonly string[], id: string): Told[] | null
  stop(): Promise<void>
}

const pollMs = 500
const rowsAtOnce = 500
/** At least this many messages are remembered for listeners that were away for a moment, at most twice as many. */
const remembered = 5_000

/**
 * Starts the tail at the present end of the outbox of the database at `url`.
 * @throws when the outbox cannot be read at the start; later failures are logged and retried
 */
export async function startLive(options: {
  url: string
  applicationName: string
  /** The topics that a message belongs to. */
  topicsOf: (message: Envelope) => readonly string[]
  log: Log
}): Promise<Live> {
  const { url, applicationName, topicsOf, log } = options
  const listeners = new Map<string, Set<(told: Told) => void>>()
  const recent: (Told & { topics: readonly string[] })[] = []
  let position: Position | null = null
  const reader = await readOutbox({
    url,
    applicationName: `${applicationName} live`,
    rowsAtOnce,
    pollMs,
    async from(outbox) {
      if (!position) {
        position = await endOfOutbox(outbox)
        recent.push({ id: positionText(position), message: {} as Envelope, topics: [] })
      }
      return position
    },
    wants: () => listeners.size > 0,
    async take(rows) {
      for (const row of rows) {
        position = row
        tell({ id: positionText(row), message: row.message as Envelope })
      }
    },
    onFailure: (error) => log.warn({ err: error }, 'cannot read the live tail of the outbox; retrying'),
  })

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
    stop: () => reader.stop(),
  }

  function tell(told: Told): void {
    const topics = topicsOf(told.message)
    recent.push({ ...told, topics })
    // Seldom, since it moves all that stay.
    if (recent.length > 2 * remembered) recent.splice(0, recent.length - remembered)
    const ears = new Set(topics.flatMap((topic) => [...(listeners.get(topic) ?? [])]))
    for (const hear of ears) hear(told)
  }
}
