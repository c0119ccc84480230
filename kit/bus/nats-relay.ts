// From this service's outbox to its stream.
//
// 1. One replica relays at a time: the leader (leadership.ts). It reads the outbox as a log and publishes a batch at once, each message with its
//    place in the outbox (Nats-Msg-Id) and with the number that the stream must end with before it (Nats-Expected-Last-Sequence). So nothing
//    overtakes a message that failed, and what a former leader still has on its way is refused.
// 2. What the broker has acknowledged is saved in the service's own database, with the number of the stream's last message. When the stream ends
//    otherwise, its last message says where to go on: somebody has published more than was saved, or the broker has lost some of it or all. Then
//    what is lost is published again from the outbox; listeners skip what they have had.
// 3. Setting the saved position back (republish.ts) has messages published again, too.

import { JetStreamApiCodes } from '@nats-io/jetstream'
import type { Sql } from '../db/database.ts'
import type { Leadership } from '../leadership.ts'
import type { Log } from '../log.ts'
import type { Backlog } from './bus.ts'
import type { Broker } from './nats-connection.ts'
import {
  configureStream,
  findOrMakeStream,
  isCode,
  newestPosition,
  type StreamOptions,
  streamName,
  streamTrouble,
  subjectOf,
} from './nats-stream.ts'
import { backlogOf, beginning, type OutboxRow, type Position, positionText, readOutbox } from './outbox-log.ts'

const rowsAtOnce = 256
const pollMs = 250
/** How often the stream is looked at although nothing has failed: a broker may lose its store while nobody says anything. */
const lookEveryMs = 1_000
/** For headers, the subject and the protocol. */
const overheadBytes = 4_096

export type Relay = {
  trouble(): string | null
  /** What was said and is not known to be on the stream, whichever replica publishes. */
  unpublished(): Promise<Backlog>
  /** Resolves when everything is published that was said until now, if this replica is the one that publishes and the broker takes it. */
  stop(): Promise<void>
}
type Saved = Position & { streamSequence: number | null; rewinds: number }
type Place = Position & { streamSequence: number; rewinds: number }

export async function startRelay(options: {
  publisher: string
  url: string
  sql: Sql
  broker: Broker
  leadership: Leadership
  stream: StreamOptions
  log: Log
}): Promise<Relay> {
  const { publisher, url, sql, broker, leadership, stream, log } = options
  const name = streamName(stream.namespace, publisher)
  let place: Place | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  let configured = false
  let logged = ''

  const reading = readOutbox({
    url,
    applicationName: `${publisher} relay`,
    rowsAtOnce,
    pollMs,
    async from() {
      if (!(await leadership.leads('relay'))) {
        place = null
        return null
      }
      const trouble = broker.trouble()
      if (trouble) throw new Error(trouble)
      if (!place || performance.now() - lookedAt > lookEveryMs) place = await look()
      return place
    },
    take: publish,
    onFailure(error) {
      place = null
      const trouble = troubleOf(error)
      if (trouble !== logged) log.warn({ err: error }, `${trouble}; trying again`)
      logged = trouble
    },
  })
  const reader = await reading.catch((cause: unknown) => {
    throw new Error(`The service cannot publish: ${troubleOf(cause)}.`, { cause })
  })
  return {
    trouble: () => (reader.failure() === null ? null : troubleOf(reader.failure())),
    unpublished: async () => backlogOf(sql, await readSaved()),
    stop: () => reader.stop('to the end'),
  }

  function troubleOf(error: unknown): string {
    return broker.trouble() ?? streamTrouble(name, error)
  }

  /** Where to go on, and with which number the stream ends. */
  async function look(): Promise<Place> {
    if (!configured) await configureStream(broker.jsm, publisher, stream)
    configured = true
    const info = await findOrMakeStream(broker.jsm, publisher, stream)
    const last = info.state.last_seq
    const saved = await readSaved()
    lookedAt = performance.now()
    const here = { streamSequence: last, rewinds: saved.rewinds }
    if (saved.streamSequence === null || saved.streamSequence === last) return { ...saved, ...here }

    const isLost = last < saved.streamSequence
    const newest = await newestPosition(broker.jsm, info, isLost ? 0 : saved.streamSequence)
    const { xid, seq } = newest ?? (isLost ? beginning : saved)
    if (isLost)
      log.error(
        { stream: name, had: saved.streamSequence, has: last, from: positionText({ xid, seq }) },
        'the broker has lost messages of this service; they are published again from the outbox',
      )
    return { xid, seq, ...here }
  }

  async function publish(rows: readonly OutboxRow[]): Promise<void> {
    const from = place
    if (!from) return
    const answers = await Promise.allSettled(rows.map((row, index) => publishRow(row, from.streamSequence + index)))
    let reached: Place = from
    let failure: PromiseRejectedResult | undefined
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') {
        failure = answer
        break
      }
      // A duplicate is on the stream already and has no new number.
      const { duplicate, seq } = answer.value
      const { xid, seq: rowSeq } = rows[index]!
      reached = { ...reached, xid, seq: rowSeq, streamSequence: duplicate ? reached.streamSequence : seq }
    }
    // Looked at again when it was set back meanwhile, or when the stream ends otherwise than was thought.
    const saved = reached !== from && (await save(reached))
    place = saved && !failure ? reached : null
    if (failure && !isCode(failure.reason, JetStreamApiCodes.StreamWrongLastSequence)) throw failure.reason
  }

  function publishRow(row: OutboxRow, lastSequence: number) {
    const position = positionText(row)
    const text = JSON.stringify(row.message)
    const bytes = Buffer.byteLength(text)
    // What the broker cannot carry must keep nobody waiting: the listeners park this in its stead.
    const payload = bytes + overheadBytes > broker.maxPayload() ? JSON.stringify({ tooLarge: bytes, position }) : text
    return broker.js.publish(subjectOf(stream.namespace, publisher, row.message), payload, {
      msgID: position,
      expect: { lastSequence },
    })
  }

  async function readSaved(): Promise<Saved> {
    const [row] = await sql<Saved[]>`
      select xid::text, seq::text, stream_sequence::float8 as stream_sequence, rewinds from relay_position`
    if (!row) throw new Error('the table relay_position has no row')
    return row
  }

  async function save({ xid, seq, streamSequence, rewinds }: Place): Promise<boolean> {
    const saved = await sql`
      update relay_position set xid = ${xid}::text::xid8, seq = ${seq}::text::bigint, stream_sequence = ${streamSequence}::float8::bigint
      where rewinds = ${rewinds}`
    return saved.count > 0
  }
}
