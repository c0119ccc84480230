// Server-Sent Events: a page stays connected and is told what changes. First the state as it is (or, for one that comes back with Last-Event-ID, only what
// it has missed), then each change. Versions only rise: what is older than what was sent already is left out.

import type { ServerResponse } from 'node:http'
import type { Envelope } from '@aisle/contracts/message'
import type { Live, Told } from '../live.ts'

/** One thing that is shown on the page, as it is now. */
export type Shown = {
  readonly subject: string
  readonly version: number
  readonly event: string
  readonly data: unknown
}

/** What a page listens to. */
export type Subscription = {
  readonly topics: readonly string[]
  /** The things as they are. */
  readonly now: () => Promise<readonly Shown[]>
  /** What a message shows of a thing; null when nothing of it is to be seen. */
  readonly show: (message: Envelope) => Shown | null
}

/** Proxies give up on a connection that is silent for longer. */
const heartbeatMs = 15_000
/** Revocations that come together are one look at all streams. */
const recheckAfterMs = 100
/** How long a browser waits before it connects again. */
const retryMs = 2_000
/** Whoever reads this slowly is cut off, and may come back. */
const unreadBytes = 256 * 1024

export type Streams = {
  /** Opens a stream on a response that nobody has written to. `stillAllowed` is asked before everything that is sent. */
  open(response: ServerResponse, options: OpenOptions): Promise<void>
  readonly size: () => number
  /** Asks all streams soon whether they are still allowed, and ends those that are not. */
  readonly recheck: () => void
  /** Ends all streams; browsers come back by themselves. */
  close(): void
}
export type OpenOptions = {
  readonly subscription: Subscription
  readonly lastEventId: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly stillAllowed: () => Promise<boolean>
}

export function createStreams(live: Live): Streams {
  const open = new Set<{ response: ServerResponse; beat: () => void; check: () => void }>()
  let rechecking: NodeJS.Timeout | null = null
  // One timer for all of them.
  const heart = setInterval(() => {
    for (const { beat } of open) beat()
  }, heartbeatMs)

  return {
    size: () => open.size,
    recheck() {
      rechecking ??= setTimeout(() => {
        rechecking = null
        for (const { check } of open) check()
      }, recheckAfterMs)
    },
    close() {
      clearInterval(heart)
      if (rechecking) clearTimeout(rechecking)
      // One that is only being opened is cut off: an empty answer would look like one that is not to be asked for again.
      for (const { response } of open) response.headersSent ? response.end() : response.destroy()
    },
    async open(response, { subscription, lastEventId, headers, stillAllowed }) {
      const { topics, now, show } = subscription
      const sent = new Map<string, number>()
      let early: Told[] | null = []
      let queue: Promise<unknown> = Promise.resolve()
      const write = (text: string) => {
        if (response.writableLength > unreadBytes) response.destroy()
        else if (!response.writableEnded) response.write(text)
      }
      const send = ({ subject, version, event, data }: Shown, id: string | null) => {
        if ((sent.get(subject) ?? 0) >= version) return
        sent.set(subject, version)
        write(`${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      }
      const tell = ({ id, message }: Told) => {
        const shown = show(message)
        if (!shown) return
        queue = queue.then(async () => {
          if (await stillAllowed()) send(shown, id)
          else response.end()
        })
      }
      // Heard from before the state is read, so that nothing falls between the two.
      const end = live.listen(topics, (told) => (early ? early.push(told) : tell(told)))
      const connection = {
        response,
        beat: () => {
          // Before its head is written there is nothing to keep alive, and a first write would send a head that no browser takes for a stream.
          if (response.headersSent)
            void stillAllowed().then((allowed) => (allowed ? write(': still here\n\n') : response.end()))
        },
        check: () => {
          if (response.headersSent) void stillAllowed().then((allowed) => allowed || response.end())
        },
      }
      open.add(connection)
      response.once('close', () => {
        end()
        open.delete(connection)
      })
      try {
        const missed = lastEventId === undefined ? null : live.since(topics, lastEventId)
        const state = missed === null ? await now() : []
        response.writeHead(200, {
          ...headers,
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        })
        write(`retry: ${retryMs}\n\n`)
        for (const shown of state) send(shown, null)
        for (const told of missed ?? []) tell(told)
        for (const told of early) tell(told)
        early = null
        // What was revoked while it was opened.
        connection.check()
      } catch (error) {
        end()
        open.delete(connection)
        throw error
      }
    },
  }
}
