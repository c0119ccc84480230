// Server-Sent Events: a page stays connected and is told what changes. First the state as it is (or, for one that comes back with Last-Event-ID, only what
// it has missed), then each change. Versions only rise: what is older than what was sent already is left out.

import type { ServerResponse } from 'node:http'
import type { Envelope } from '@aisle/contracts/message'
import type { Live, Told } from '../bus/live.ts'
import { shareReads } from './shared-reads.ts'
import { createStreamPlaces, type StreamClient, type StreamLimits } from './stream-places.ts'

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
/** How long a browser waits before it connects again: after a restart not all of them at one moment. */
const retryMs = { least: 1_000, most: 5_000 }
/** A stream ends after about a quarter of an hour, and the browser comes back: to another replica, and without what has piled up. */
const lastsMs = { least: 13 * 60_000, most: 17 * 60_000 }
/** What a client that was refused a stream waits before it asks again. */
const askAgainSeconds = { least: 20, most: 60 }
/** Whoever reads this slowly is cut off, and may come back. */
const unreadBytes = 256 * 1024

export type Streams = {
  /** Takes a place for a stream; null when the client, or the process, has as many as it may. `open` takes it over, `giveBack` returns it. */
  take(client: StreamClient): StreamPlace | null
  /** After how many seconds a client that got no place may ask again; another number each time. */
  retryAfterSeconds(): number
  /** Opens a stream on a response that nobody has written to. `stillAllowed` is asked before everything that is sent. */
  open(response: ServerResponse, options: OpenOptions): Promise<void>
  readonly size: () => number
  /** Asks all streams soon whether they are still allowed, and ends those that are not. */
  readonly recheck: () => void
  /** Ends all streams; browsers come back by themselves. */
  close(): void
}
export type StreamPlace = { giveBack(): void }
export type OpenOptions = {
  readonly place: StreamPlace
  /** Path and query: those who ask for the same are shown the same. */
  readonly address: string
  readonly subscription: Subscription
  readonly lastEventId: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly stillAllowed: () => Promise<boolean>
}

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
      // One that is only being opened is cut off: an empty answer would look like one that is not to be asked for again.
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
      // Heard from before the state is read, so that nothing falls between the two.
      const end = live.listen(topics, (told) => (early ? early.push(told) : tell(told)))
      const connection = {
        response,
        beat: () => {
          // Before its head is written there is nothing to keep alive, and a first write would send a head that no browser takes for a stream.
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
      // Its client may have gone away already.
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
        // What was revoked while it was opened.
        connection.check()
      } catch (error) {
        response.destroy()
        throw error
      }
    },
  }
}
