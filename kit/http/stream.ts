// Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a page stays connected and
// receives changes. First comes the present state (or, for a page that reconnects with Last-Event-ID, only what it
// has missed), then each change. Versions only rise: anything older than what was sent already is left out.

import type { ServerResponse } from 'node:http'
import type { Envelope } from '@aisle/contracts/message'
import type { Live, Told } from '../bus/live.ts'
import { shareReads } from './shared-reads.ts'
import { createStreamPlaces, type StreamClient, type StreamLimits } from './stream-places.ts'

/** One thing that the page shows, in its present state. */
export type Shown = {
  readonly subject: string
  readonly version: number
  readonly event: string
  readonly data: unknown
}

/** What a page listens to. */
export type Subscription = {
  readonly topics: readonly string[]
  /** The things in their present state. */
  readonly now: () => Promise<readonly Shown[]>
  /** What a message shows of a thing; null when the page must not see any of it. */
  readonly show: (message: Envelope) => Shown | null
}

/** Proxies give up on a connection that is silent for longer. */
const heartbeatMs = 15_000
/** Revocations within this time cause one check of all streams. */
const recheckAfterMs = 100
/** How long a browser waits before it reconnects, spread so that after a restart not all come at the same moment. */
const retryMs = { least: 1_000, most: 5_000 }
/**
 * A stream ends after about a quarter of an hour, and the browser reconnects: to another replica, and without
 * accumulated state.
 */
const lastsMs = { least: 13 * 60_000, most: 17 * 60_000 }
/** How long a client that was refused a stream waits before it asks again. */
const askAgainSeconds = { least: 20, most: 60 }
/** A client with more unread bytes than this is cut off, and may reconnect. */
const unreadBytes = 256 * 1024

export type Streams = {
  /**
   * Acquires a place for a stream; null when the client, or the process, has as many as it may. `open` takes it
   * over, `giveBack` releases it.
   */
  take(client: StreamClient): StreamPlace | null
  /** After how many seconds a client that got no place may ask again; a different number each time. */
  retryAfterSeconds(): number
  /** Opens a stream on a response that has not been written to. `stillAllowed` is asked before each message. */
  open(response: ServerResponse, options: OpenOptions): Promise<void>
  readonly size: () => number
  /** Checks soon whether all streams are still allowed, and ends those that are not. */
  readonly recheck: () => void
  /** Ends all streams; browsers reconnect on their own. */
  close(): void
}
export type StreamPlace = { giveBack(): void }
export type OpenOptions = {
  readonly place: StreamPlace
  /** Path and query: pages with the same address share one read of the state. */
  readonly address: string
  readonly subscription: Subscription
  readonly lastEventId: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly stillAllowed: () => Promise<boolean>
}

/** The streams of this process, fed by `live`. `random` spreads the times at which browsers reconnect. */
export function createStreams(live: Live, limits: StreamLimits, random: () => number = Math.random): Streams {
  const open = new Set<{ response: ServerResponse; beat: () => void; check: () => void }>()
  const places = createStreamPlaces(limits)
  const share = shareReads()
  const between = ({ least, most }: { least: number; most: number }) => Math.round(least + random() * (most - least))
  let rechecking: NodeJS.Timeout | null = null
  // One timer for all of them.
  const heart = setInterval(() => {
    for (const { beat } of open) beat()
  }, heartbeatMs)

  return {
    size: () => open.size,
    take(client) {
      const giveBack = places.take(client)
      return giveBack && { giveBack }
    },
    retryAfterSeconds: () => between(askAgainSeconds),
    recheck() {
      rechecking ??= setTimeout(() => {
        rechecking = null
        for (const { check } of open) check()
      }, recheckAfterMs)
    },
    close() {
      clearInterval(heart)
      if (rechecking) clearTimeout(rechecking)
      // A stream that is still being opened is cut off: an empty answer would tell the browser not to ask again.
      for (const { response } of open) response.headersSent ? response.end() : response.destroy()
    },
    async open(response, { place, address, subscription, lastEventId, headers, stillAllowed }) {
      const { topics, now, show } = subscription
      const endsAt = performance.now() + between(lastsMs)
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
        queue = queue
          .then(async () => {
            if (await stillAllowed()) send(shown, id)
            else response.end()
          })
          .catch(() => response.destroy())
      }
      // Listen before the state is read, so that nothing is lost between the two.
      const end = live.listen(topics, (told) => (early ? early.push(told) : tell(told)))
      const connection = {
        response,
        beat: () => {
          // Before its head is written there is nothing to keep alive, and a first write would send a head that no
          // browser accepts as a stream.
          if (!response.headersSent) return
          if (performance.now() > endsAt) return void response.end()
          stillAllowed().then(
            (allowed) => (allowed ? write(': still here\n\n') : response.end()),
            () => response.destroy(),
          )
        },
        check: () => {
          if (!response.headersSent) return
          stillAllowed().then(
            (allowed) => allowed || response.end(),
            () => response.destroy(),
          )
        },
      }
      open.add(connection)
      const leave = () => {
        end()
        open.delete(connection)
        place.giveBack()
      }
      // The client may have gone away already.
      if (response.closed) return leave()
      response.once('close', leave)
      try {
        const missed = lastEventId === undefined ? null : live.since(topics, lastEventId)
        const state = missed === null ? await share(address, now) : []
        response.writeHead(200, {
          ...headers,
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        })
        write(`retry: ${between(retryMs)}\n\n`)
        for (const shown of state) send(shown, null)
        for (const told of missed ?? []) tell(told)
        for (const told of early) tell(told)
        early = null
        // The session may have been revoked while the stream was opened.
        connection.check()
      } catch (error) {
        response.destroy()
        throw error
      }
    },
  }
}
