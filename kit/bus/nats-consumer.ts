// Carries messages from a publisher's stream to this service's reactions.
//
// 1. One replica at a time listens to a publisher: the leader (leadership.ts), through one durable pull consumer with
//    explicit acks. So messages arrive in the order of the stream, which is the order of the outbox.
// 2. A message is acknowledged when its effect is committed, together with the cursor: its position in the
//    publisher's outbox. A repeated message (after a lost ack, with a new leader, from a stream that was published
//    again) lies at or before the cursor and is skipped. A former leader that still holds messages cannot commit
//    them: it finds the cursor moved.
// 3. A message that was handed out and not acknowledged would come again only after its deadline, behind later
//    messages. So the consumer is recreated, from the first unacknowledged message, whenever it changes hands, its
//    connection was lost, or one of its delivery numbers is missing.

import {
  AckPolicy,
  type ConsumerInfo,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiCodes,
  type JsMsg,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { Sql } from '../db/database.ts'
import type { Log } from '../log.ts'
import { createPause } from '../time/pause.ts'
import type { Leadership } from '../work/leadership.ts'
import type { Backlog, Deliver } from './bus.ts'
import { type CursorState, createCursor } from './cursor.ts'
import type { Broker } from './nats-connection.ts'
import { askEveryMs, askForRewind } from './nats-rewind.ts'
import {
  findStream,
  isCode,
  isForeign,
  type Published,
  readPublished,
  type StreamOptions,
  streamName,
  streamTrouble,
} from './nats-stream.ts'
import { beginning, isAfter, messageIdOf } from './outbox-log.ts'

const batchSize = 256
/** Limit on messages that are handed out and not yet acknowledged. */
const maxAckPending = 2 * batchSize
const standByMs = 250
const afterErrorMs = 200
const pullExpiresMs = 10_000
/** How often the cursor is moved past messages that have no effect here. */
const keepEveryMs = 10_000

export type Listener = {
  trouble(): string | null
  /** What is on the stream and not acknowledged, whichever replica listens. */
  behind(): Promise<Backlog & { publisher: string }>
  stop(): Promise<void>
}

/** Starts listening to one publisher in the background. Failures are logged, reported by `trouble` and retried. */
export function startListener(options: {
  publisher: string
  /** Name of the listening service, and of its durable consumer. */
  name: string
  sql: Sql
  broker: Broker
  leadership: Leadership
  stream: StreamOptions
  /** How long the broker waits for an ack, in milliseconds; the deadline is extended while a batch takes long. */
  ackWaitMs: number
  /** Called when the publisher's outbox differs from the one that was read before. */
  historyChanged: () => void
  deliver: Deliver
  log: Log
}): Listener {
  const { publisher, name, sql, broker, leadership, stream, ackWaitMs, historyChanged, deliver, log } = options
  const streamOf = streamName(stream.namespace, publisher)
  const cursor = createCursor(sql, publisher)
  let trouble: string | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  let stopped = false
  const pause = createPause()
  const finished = run()
  return {
    trouble: () => trouble,
    behind,
    async stop() {
      stopped = true
      pause.end()
      await finished
    },
  }

  async function behind() {
    const away = broker.trouble()
    if (away) throw new Error(away)
    const { num_pending, num_ack_pending, ack_floor } = await broker.jsm.consumers.info(streamOf, name)
    const messages = num_pending + num_ack_pending
    if (messages === 0) return { publisher, messages, oldestSeconds: 0 }
    const { state } = await broker.jsm.streams.info(streamOf)
    const seq = Math.max(ack_floor.stream_seq + 1, state.first_seq)
    const oldest = await broker.jsm.streams.getMessage(streamOf, { seq })
    const oldestSeconds = oldest ? Math.max(0, (Date.now() - oldest.time.getTime()) / 1000) : 0
    return { publisher, messages, oldestSeconds }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        if (broker.trouble() !== null) await pause.wait(standByMs)
        else if (await leadership.isLeader(`listen to ${publisher}`)) await listen()
        else await pause.wait(standByMs)
        trouble = null
      } catch (error) {
        if (stopped) return
        const now = streamTrouble(streamOf, error)
        if (now !== trouble)
          log.warn({ err: error, publisher }, `messages of ${publisher} do not come through; trying again`)
        trouble = now
        await pause.wait(afterErrorMs)
      }
    }
  }

  /** Listens until the consumer must be recreated, or there is a reason to stop. */
  async function listen(): Promise<void> {
    const connection = broker.connections()
    const mayGoOn = async () =>
      !stopped && broker.connections() === connection && (await leadership.isLeader(`listen to ${publisher}`))
    cursor.forget()
    let here = await cursor.read()
    const info = await makeConsumer(here)
    // The publisher has not created its stream yet.
    if (!info) return pause.wait(standByMs)
    const consumer = broker.js.consumers.getConsumerFromInfo(info)
    const waiting: JsMsg[] = []
    let deliveries = 0
    let keptAt = performance.now()
    const messages = await consumer.consume({
      max_messages: batchSize,
      expires: pullExpiresMs,
      abort_on_missing_resource: true,
      callback: (message) => {
        waiting.push(message)
        pause.wake()
      },
    })
    let ended = false
    let failure: unknown = null
    messages.closed().then((error) => {
      ended = true
      failure = error ?? null
      pause.wake()
    })
    let batch: JsMsg[] = []
    // Waiting messages have a deadline as well.
    const extending = setInterval(() => {
      for (const message of [...batch, ...waiting]) message.working()
    }, ackWaitMs / 3)
    try {
      trouble = null
      while (await mayGoOn()) {
        batch = waiting.splice(0, batchSize)
        if (batch.length === 0) {
          if (failure) throw failure
          if (ended) return
          if (performance.now() - keptAt > keepEveryMs) {
            keptAt = performance.now()
            if (isAfter(here, await cursor.read()) && !(await cursor.saveAlone(here))) return
          }
          await pause.wait(standByMs)
          continue
        }
        for (const { info } of batch) if (info.deliverySequence !== ++deliveries) return
        const reached = await hand(batch, here)
        if (!reached) return
        here = reached
        for (const message of batch) message.ack()
        batch = []
      }
    } finally {
      clearInterval(extending)
      await close(messages)
    }
  }

  /**
   * Delivers what lies after `from`. Resolves to the listener's new position, or to null when another replica has
   * taken the messages.
   */
  async function hand(batch: readonly JsMsg[], from: CursorState): Promise<CursorState | null> {
    const fresh: { message: unknown; reached: CursorState; isAgain: boolean }[] = []
    let here = from
    let isMissing = false
    for (const message of batch) {
      if (isForeign(message.headers, publisher)) {
        log.error({ publisher, subject: message.subject }, 'a message on a stream is not from its publisher; refused')
        continue
      }
      const published = readPublished(message.headers)
      const content = contentOf(message)
      // A message from a stranger has no position in the outbox; it becomes a dead letter or is found in the inbox.
      if (!published) {
        fresh.push({ message: content, reached: here, isAgain: false })
        continue
      }
      const step = stepTo(published, here)
      if (step === 'missing') isMissing = true
      if (step !== 'next') continue
      if (published.epoch > here.epoch && here.xid !== beginning.xid) {
        log.error({ publisher, had: here, epoch: published.epoch }, 'a publisher starts again from its oldest message')
        historyChanged()
      }
      const { xid, seq, epoch, isAgain } = published
      here = { ...here, xid, seq, epoch, messageId: messageIdOf(content), streamSequence: message.seq }
      fresh.push({ message: content, reached: here, isAgain })
    }
    if (isMissing) ask(here)
    if (fresh.length === 0) return here
    let isTaken = false
    await deliver({
      publisher,
      messages: fresh.map(({ message }) => message),
      isAgain: (index) => fresh[index]!.isAgain,
      async advance(tx, count, ids) {
        const recorded = await cursor.save(tx, fresh[count - 1]!.reached, ids)
        isTaken = !recorded
        return recorded
      },
      advanceBlindly: (tx, ids) => cursor.saveBlindly(tx, here, ids),
    })
    return isTaken ? null : here
  }

  function ask(here: CursorState): void {
    if (performance.now() - askedAt < askEveryMs) return
    askedAt = performance.now()
    log.warn({ publisher, from: here }, 'messages are missing on the stream; asking the publisher for them')
    askForRewind(broker, stream.namespace, publisher, here)
  }

  /**
   * Recreates the durable consumer so that it continues with the first message after the cursor. Null while there
   * is no stream.
   */
  async function makeConsumer(here: CursorState): Promise<ConsumerInfo | null> {
    const found = await findStream(broker.jsm, publisher, stream.namespace)
    if (!found) return null
    const former = await broker.jsm.consumers.info(streamOf, name).catch((error: unknown) => {
      if (isCode(error, JetStreamApiCodes.ConsumerNotFound)) return null
      throw error
    })
    if (former) await broker.jsm.consumers.delete(streamOf, name)
    const isKnown = await isOnStream(here, found.state)
    return await broker.jsm.consumers.add(streamOf, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
      ...(isKnown && here.streamSequence !== null
        ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: here.streamSequence + 1 }
        : { deliver_policy: DeliverPolicy.All }),
    })
  }

  /**
   * Whether the message at the cursor still has its sequence number on the stream: a broker that has lost its store
   * counts from one again.
   */
  async function isOnStream(here: CursorState, state: { first_seq: number; last_seq: number }): Promise<boolean> {
    const { streamSequence: seq } = here
    if (seq === null || seq < state.first_seq || seq > state.last_seq) return false
    const stored = await broker.jsm.streams.getMessage(streamOf, { seq })
    const published = readPublished(stored?.header)
    return published?.epoch === here.epoch && published.xid === here.xid && published.seq === here.seq
  }

  async function close(messages: ConsumerMessages): Promise<void> {
    messages.stop()
    await messages.closed()
  }
}

/** The content as the publisher wrote it. What is not JSON stays a string, which no check accepts as a message. */
function contentOf(message: JsMsg): unknown {
  try {
    return message.json()
  } catch {
    return message.string()
  }
}

/**
 * What a message is to a listener at `here`: the next one, one that it has had, or one with others missing before
 * it.
 */
function stepTo(published: Published, here: CursorState): 'next' | 'had' | 'missing' {
  const { epoch, follows } = published
  if (epoch < here.epoch) return 'had'
  const from = epoch > here.epoch ? beginning : here
  if (!isAfter(published, from)) return 'had'
  return follows !== null && isAfter(follows, from) ? 'missing' : 'next'
}
