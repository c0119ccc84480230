// One stream per publisher, created by the publisher: its name, its content and its retention.
//
// A stream is a window on the publisher's outbox, which is the log: it keeps some hours, and a full stream drops
// its oldest messages. A listener that was away for longer sees from `Aisle-Follows` that something is missing, and
// asks the publisher for it (nats-rewind.ts).

import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { type MsgHdrs, headers as makeHeaders } from '@nats-io/transport-node'
import { type Mark, messageIdOf, type Position, parsePosition, positionText } from './outbox-log.ts'

export type StreamOptions = {
  /** First part of every subject and, in capitals, of every stream name: keeps marketplaces on one broker apart. */
  namespace: string
  replicas: number
  maxBytes: number
  maxAgeHours: number
}

const hourNs = 3_600e9
/** The broker forgets message ids after this long; the inboxes do not. */
const duplicateWindowNs = 120e9

/** The origin of a message on the stream. */
export type Published = Position & {
  /** The history of the outbox: the time when it began in milliseconds since 1970, 0 for the first. */
  readonly epoch: number
  /** The position of the message before it in the outbox; null if the relay did not send it. */
  readonly follows: Position | null
  /** The message belongs to a history that is published again, after an earlier one has changed. */
  readonly isAgain: boolean
}

const positionHeader = 'Aisle-Position'
const followsHeader = 'Aisle-Follows'
const againHeader = 'Aisle-Again'
const publisherHeader = 'Aisle-Publisher'
/** Set by the broker on messages that it copies from one stream to a subject of another. */
const copiedHeader = 'Nats-Stream'

/** The headers with which `publisher` publishes a message of its outbox. */
export function publishedHeaders(publisher: string, { epoch, follows, isAgain, ...position }: Published): MsgHdrs {
  const headers = makeHeaders()
  headers.set(publisherHeader, publisher)
  headers.set(positionHeader, `${epoch}:${positionText(position)}`)
  if (follows) headers.set(followsHeader, positionText(follows))
  if (isAgain) headers.set(againHeader, '1')
  return headers
}

/** Reads what `publishedHeaders` has written; null for a message that a stranger has put on the stream. */
export function readPublished(headers: MsgHdrs | undefined): Published | null {
  const [, epoch, text] = /^(\d{1,15}):(.+)$/.exec(headers?.get(positionHeader) ?? '') ?? []
  const position = parsePosition(text ?? headers?.get('Nats-Msg-Id') ?? '')
  if (!position) return null
  return {
    ...position,
    epoch: Number(epoch ?? 0),
    follows: parsePosition(headers?.get(followsHeader) ?? ''),
    isAgain: headers?.get(againHeader) === '1',
  }
}

/**
 * Whether a message on the stream of `publisher` is foreign: the broker has copied it from another stream, or it
 * was first published on another one. Rights (nats-rights.ts) cannot prevent that.
 */
export function isForeign(headers: MsgHdrs | undefined, publisher: string): boolean {
  if (!headers) return false
  return headers.has(copiedHeader) || (headers.has(publisherHeader) && headers.get(publisherHeader) !== publisher)
}

/**
 * The id by which the broker recognises duplicates, for two minutes. It is not the message's own id: malformed
 * messages need one as well, and a message that is republished on purpose must not count as a duplicate.
 */
export const publishId = ({ epoch }: Published, rewinds: number, position: Position): string =>
  `${epoch}:${rewinds}:${positionText(position)}`

/** The name of a publisher's stream. */
export const streamName = (namespace: string, publisher: string): string => `${namespace}_${publisher}`.toUpperCase()

/** The subjects that a publisher may publish to: its stream holds all of them. */
export const subjectsOf = (namespace: string, publisher: string): string[] => [`${namespace}.${publisher}.>`]

/**
 * `order:created` of orders goes to `aisle.orders.order.created`; a message without such a type goes to
 * `unreadable`.
 */
export function subjectOf(namespace: string, publisher: string, message: unknown): string {
  const type = (message as { type?: unknown } | null)?.type
  const isPlain = typeof type === 'string' && /^[a-z-]+:[a-z-]+$/.test(type)
  return `${namespace}.${publisher}.${isPlain ? type.replace(':', '.') : 'unreadable'}`
}

const configOf = (publisher: string, { namespace, replicas, maxBytes, maxAgeHours }: StreamOptions) =>
  ({
    name: streamName(namespace, publisher),
    subjects: subjectsOf(namespace, publisher),
    storage: 'file',
    retention: 'limits',
    // One listener that is away must not stop the publisher from reaching all the others.
    discard: 'old',
    max_age: maxAgeHours * hourNs,
    max_bytes: maxBytes,
    num_replicas: replicas,
    duplicate_window: duplicateWindowNs,
  }) satisfies Partial<StreamConfig>

/** The stream of a publisher, or null while the publisher has not created it. */
export async function findStream(
  jsm: JetStreamManager,
  publisher: string,
  namespace: string,
): Promise<StreamInfo | null> {
  try {
    return await jsm.streams.info(streamName(namespace, publisher))
  } catch (error) {
    if (isCode(error, JetStreamApiCodes.StreamNotFound)) return null
    throw error
  }
}

/** The publisher's stream, created if there is none. Only the publisher itself may create it. */
export async function findOrMakeStream(
  jsm: JetStreamManager,
  publisher: string,
  options: StreamOptions,
): Promise<StreamInfo> {
  return (await findStream(jsm, publisher, options.namespace)) ?? (await jsm.streams.add(configOf(publisher, options)))
}

/** Creates the publisher's stream, or gives the existing one the limits of the configuration. */
export async function configureStream(jsm: JetStreamManager, publisher: string, options: StreamOptions): Promise<void> {
  const { config } = await findOrMakeStream(jsm, publisher, options)
  const { max_bytes, max_age, num_replicas, discard } = configOf(publisher, options)
  const isSame =
    config.max_bytes === max_bytes &&
    config.max_age === max_age &&
    config.num_replicas === num_replicas &&
    config.discard === discard
  if (!isSame) await jsm.streams.update(config.name, { max_bytes, max_age, num_replicas, discard })
}

/**
 * The newest message after sequence number `after` that came from the outbox: strangers may have put others on the
 * stream.
 */
export async function newestPublished(
  jsm: JetStreamManager,
  publisher: string,
  { config, state }: StreamInfo,
  after: number,
): Promise<(Published & Mark) | null> {
  for (let seq = state.last_seq; seq >= state.first_seq && seq > after; seq--) {
    const stored = await jsm.streams.getMessage(config.name, { seq })
    const published = isForeign(stored?.header, publisher) ? null : readPublished(stored?.header)
    if (stored && published) return { ...published, messageId: messageIdOf(parse(stored.string())) }
  }
  return null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

// Error codes of JetStream that the client library does not name (`err_code` in the server's errors.json).
const storeFailed = 10_077
const noStorage = 10_047
const noResources = 10_023

/** Explains to an operator why the broker has refused an operation on a stream. */
export function streamTrouble(stream: string, error: unknown): string {
  if (isCode(error, storeFailed) || isCode(error, noStorage) || isCode(error, noResources))
    return `the stream ${stream} has no room on the broker; raise the broker's storage`
  return `the stream ${stream} cannot be used: ${error instanceof Error ? error.message : String(error)}`
}

/** Whether the broker answered with JetStream's error code `code`. */
export const isCode = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code
