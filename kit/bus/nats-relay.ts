// Publishes this service's outbox to its stream.
//
// 1. One replica at a time relays: the leader (leadership.ts). It reads the outbox as a log and publishes a batch at
//    once. Each message carries its position in the outbox (Nats-Msg-Id) and the sequence number that the stream must
//    end with before it (Nats-Expected-Last-Sequence). So nothing overtakes a message that failed, and the broker
//    refuses what a former leader still has in flight.
// 2. What the broker has acknowledged is saved in the service's own database, with the sequence number of the
//    stream's last message. When the stream ends otherwise, its last message tells where to go on: more was published
//    than was saved, or the broker has lost some or all of it. Lost messages are published again from the outbox;
//    listeners skip what they have had.
// 3. Setting the saved position back (republish.ts) also republishes messages. Listeners ask for that when they miss
//    some.
// 4. The stream's last message is the witness of what was published. When the outbox does not have it, the outbox is
//    another than before (a database that was restored, or failed over to a replica that was behind): a new epoch
//    begins, and the whole outbox is published again under it.

import { JetStreamApiCodes } from '@nats-io/jetstream'
import type { Sql } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Leadership } from '../work/leadership.ts'
import type { Backlog } from './bus.ts'
import type { Broker } from './nats-connection.ts'
import { askEveryMs, hearRewinds, type Wanted } from './nats-rewind.ts'
import {
  configureStream,
  findOrMakeStream,
  isCode,
  newestPublished,
  type Published,
  publishedHeaders,
  publishId,
  readPublished,
  type StreamOptions,
  streamName,
  streamTrouble,
  subjectOf,
} from './nats-stream.ts'
import {
  backlogOf,
  beginning,
  endOfOutbox,
  hasMark,
  isAfter,
  type OutboxRow,
  type Position,
  positionText,
  readOutbox,
} from './outbox-log.ts'
import { setBack } from './republish.ts'

const rowsAtOnce = 256
const pollMs = 250
/**
 * How often the stream is checked although nothing has failed: a broker may lose its store while nothing is
 * published.
 */
const lookEveryMs = 1_000
/** How often the listeners' positions are recorded, so that nothing is pruned that they have not had. */
const reportEveryMs = 10_000
/** Room for headers, the subject and the protocol. */
const overheadBytes = 4_096

export type Relay = {
  trouble(): string | null
  /** How full the stream is, from 0 to 1. */
  streamFill(): Promise<number>
  /** Messages of the outbox that are not known to be on the stream, whichever replica publishes. */
  unpublished(): Promise<Backlog>
  /** Resolves when the outbox so far is published, if this replica is the leader and the broker accepts it. */
  stop(): Promise<void>
}
type Saved = Position & { streamSequence: number | null; rewinds: number; epoch: number; againUntil: string | null }
type Place = Saved & { streamSequence: number }

/**
 * Starts to publish the outbox of the database at `url`, whenever this replica is the leader.
 * @throws {Error} one sentence, when the outbox or the stream cannot be used at the start; later failures are
 *   logged and retried
 */
export async function startRelay(options: {
  publisher: string
  url: string
  sql: Sql
  broker: Broker
  leadership: Leadership
  stream: StreamOptions
  /** Called when the outbox differs from the one that was published before. */
  historyChanged: () => void
  log: Log
}): Promise<Relay> {
  const { publisher, url, sql, broker, leadership, stream, historyChanged, log } = options
  const name = streamName(stream.namespace, publisher)
  let place: Place | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  let configured = false
  /** Checked with every new database connection: a server cannot go back in time without ending its connections. */
  let isWitnessed = false
  let reportedAt = performance.now()
  let rewoundAt = Number.NEGATIVE_INFINITY
  let logged = ''

  const reading = readOutbox({
    url,
    applicationName: `${publisher} relay`,
    rowsAtOnce,
    pollMs,
    async connected() {
      isWitnessed = false
      place = null
    },
    async from() {
      if (!(await leadership.isLeader('relay'))) {
        place = null
        isWitnessed = false
        return null
      }
      const trouble = broker.trouble()
      if (trouble) throw new Error(trouble)
      if (!place || performance.now() - lookedAt > lookEveryMs) place = await look()
      if (performance.now() - reportedAt > reportEveryMs) await report()
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
  const endHearing = hearRewinds(broker, stream.namespace, publisher, (wanted) => void rewind(wanted))
  return {
    trouble: () => (reader.failure() === null ? null : troubleOf(reader.failure())),
    unpublished: async () => backlogOf(sql, await readSaved()),
    async streamFill() {
      const { config, state } = await broker.jsm.streams.info(name)
      return state.bytes / config.max_bytes
    },
    async stop() {
      endHearing()
      await reader.stop('to the end')
    },
  }

  function troubleOf(error: unknown): string {
    return broker.trouble() ?? streamTrouble(name, error)
  }

  /** Where to go on, and the sequence number that the stream ends with. */
  async function look(): Promise<Place | null> {
    if (!configured) await configureStream(broker.jsm, publisher, stream)
    configured = true
    const info = await findOrMakeStream(broker.jsm, publisher, stream)
    const last = info.state.last_seq
    const saved = await readSaved()
    lookedAt = performance.now()
    if (!isWitnessed) {
      const witness = await newestPublished(broker.jsm, publisher, info, 0)
      if (witness && !(await isOurs(witness, saved.epoch))) return beginEpoch(saved, witness)
      isWitnessed = true
    }
    const here = { ...saved, streamSequence: last }
    if (saved.streamSequence === null || saved.streamSequence === last) return here

    const isLost = last < saved.streamSequence
    const newest = await newestPublished(broker.jsm, publisher, info, isLost ? 0 : saved.streamSequence)
    const { xid, seq } = newest && newest.epoch === saved.epoch ? newest : isLost ? beginning : saved
    if (isLost)
      log.error(
        { stream: name, had: saved.streamSequence, has: last, from: positionText({ xid, seq }) },
        'the broker lost messages of this service; publishing them again from the outbox',
      )
    return { ...here, xid, seq }
  }

  async function isOurs(witness: NonNullable<Awaited<ReturnType<typeof newestPublished>>>, epoch: number) {
    if (witness.epoch !== epoch) return witness.epoch < epoch
    return hasMark(sql, witness)
  }

  async function beginEpoch(saved: Saved, witness: Published): Promise<Place | null> {
    const epoch = Math.max(Date.now(), witness.epoch + 1)
    const { xid: againUntil } = await endOfOutbox(sql)
    log.error(
      { stream: name, had: positionText(witness), epoch, againUntil },
      'this outbox has another history; publishing all of it again',
    )
    historyChanged()
    await sql`
      update relay_position set xid = '0', seq = 0, stream_sequence = null, rewinds = rewinds + 1,
        epoch = ${epoch}::float8::bigint, again_until = ${againUntil}::text::xid8
      where epoch = ${saved.epoch}::float8::bigint`
    isWitnessed = true
    return null
  }

  /** Publishes again what lies after `wanted`, since a listener misses it. */
  async function rewind({ epoch, ...wanted }: Wanted): Promise<void> {
    const here = place
    if (!here || performance.now() - rewoundAt < askEveryMs) return
    const from = epoch === here.epoch ? wanted : beginning
    if (!isAfter(here, from)) return
    rewoundAt = performance.now()
    log.warn({ stream: name, from: positionText(from) }, 'a listener is missing messages; publishing them again')
    await setBack(sql, from).catch((error: unknown) =>
      log.warn({ err: error, stream: name }, 'could not rewind the relay'),
    )
    place = null
  }

  async function report(): Promise<void> {
    reportedAt = performance.now()
    for await (const { name: listener, ack_floor } of broker.jsm.consumers.list(name)) {
      const stored = ack_floor.stream_seq && (await broker.jsm.streams.getMessage(name, { seq: ack_floor.stream_seq }))
      const published = stored ? readPublished(stored.header) : null
      if (published?.epoch === place?.epoch && published)
        await sql`select report_position(${listener}, ${published.xid}, ${published.seq})`
    }
  }

  async function publish(rows: readonly OutboxRow[]): Promise<void> {
    const from = place
    if (!from) return
    const answers = await Promise.allSettled(
      rows.map((row, index) => publishRow(row, index === 0 ? from : rows[index - 1]!, from, index)),
    )
    let reached: Place = from
    let failure: PromiseRejectedResult | undefined
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') {
        failure = answer
        break
      }
      // A duplicate is on the stream already and has no new sequence number.
      const { duplicate, seq } = answer.value
      const { xid, seq: rowSeq } = rows[index]!
      reached = { ...reached, xid, seq: rowSeq, streamSequence: duplicate ? reached.streamSequence : seq }
    }
    // Check the stream again when the position was set back meanwhile, or when the stream ends otherwise than
    // expected.
    const saved = reached !== from && (await save(reached))
    place = saved && !failure ? reached : null
    if (failure && !isCode(failure.reason, JetStreamApiCodes.StreamWrongLastSequence)) throw failure.reason
  }

  function publishRow(
    row: OutboxRow,
    follows: Position,
    { epoch, rewinds, againUntil, streamSequence }: Place,
    index: number,
  ) {
    const { xid, seq } = row
    const text = JSON.stringify(row.message)
    const bytes = Buffer.byteLength(text)
    // An oversized message must not block the stream; consumers dead-letter this stub instead.
    const payload =
      bytes + overheadBytes > broker.maxPayload()
        ? JSON.stringify({ tooLarge: bytes, position: positionText(row) })
        : text
    const isAgain = againUntil !== null && isAfter({ xid: againUntil, seq: '0' }, row)
    const published: Published = { xid, seq, epoch, follows: { xid: follows.xid, seq: follows.seq }, isAgain }
    return broker.js.publish(subjectOf(stream.namespace, publisher, row.message), payload, {
      msgID: publishId(published, rewinds, row),
      headers: publishedHeaders(publisher, published),
      expect: { lastSequence: streamSequence + index },
    })
  }

  async function readSaved(): Promise<Saved> {
    const [row] = await sql<Saved[]>`
      select xid::text, seq::text, stream_sequence::float8 as stream_sequence, rewinds, epoch::float8,
        again_until::text
      from relay_position`
    if (!row) throw new Error('the table relay_position has no row')
    return row
  }

  async function save({ xid, seq, streamSequence, rewinds }: Place): Promise<boolean> {
    const saved = await sql`
      update relay_position set xid = ${xid}::text::xid8, seq = ${seq}::text::bigint,
        stream_sequence = ${streamSequence}::float8::bigint
      where rewinds = ${rewinds}`
    return saved.count > 0
  }
}
