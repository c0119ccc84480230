// One stream for each publisher: its name, what it holds and for how long. Whoever needs it first makes it, publisher or listener.

import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { messagesKeptDays } from '../prune.ts'
import { type Position, parsePosition } from './outbox-log.ts'

export type StreamOptions = {
  /** First word of every subject and, in capitals, of every stream: keeps marketplaces on one broker apart. */
  namespace: string
  replicas: number
  maxBytes: number
}

const dayNs = 86_400e9
/** The broker forgets the ids of messages after this long; the inboxes do not. */
const duplicateWindowNs = 120e9
/**
 * Its value is the place of the message in the outbox, and not the message's own id: also what is malformed has one, it tells a listener where in the
 * log it is, and a message that the outbox has twice is the inbox's to recognise.
 */
export const positionHeader = 'Nats-Msg-Id'

export const streamName = (namespace: string, publisher: string): string => `${namespace}_${publisher}`.toUpperCase()

/** `order:created` of orders goes to `aisle.orders.order.created`; what has no such type still goes somewhere. */
export function subjectOf(namespace: string, publisher: string, message: unknown): string {
  const type = (message as { type?: unknown } | null)?.type
  const isPlain = typeof type === 'string' && /^[a-z-]+:[a-z-]+$/.test(type)
  return `${namespace}.${publisher}.${isPlain ? type.replace(':', '.') : 'unreadable'}`
}

// A full stream refuses what is new rather than losing what somebody has not heard: the relay keeps it in the outbox.
const configOf = (publisher: string, { namespace, replicas, maxBytes }: StreamOptions) =>
  ({
    name: streamName(namespace, publisher),
    subjects: [`${namespace}.${publisher}.>`],
    storage: 'file',
    retention: 'limits',
    discard: 'new',
    max_age: messagesKeptDays * dayNs,
    max_bytes: maxBytes,
    num_replicas: replicas,
    duplicate_window: duplicateWindowNs,
  }) satisfies Partial<StreamConfig>

/** The publisher's stream, made if there is none. */
export async function findOrMakeStream(
  jsm: JetStreamManager,
  publisher: string,
  options: StreamOptions,
): Promise<StreamInfo> {
  const config = configOf(publisher, options)
  try {
    return await jsm.streams.info(config.name)
  } catch (error) {
    if (!isCode(error, JetStreamApiCodes.StreamNotFound)) throw error
    return await jsm.streams.add(config)
  }
}

/** Makes the publisher's stream, or gives the one that is there the limits of the configuration. */
export async function configureStream(jsm: JetStreamManager, publisher: string, options: StreamOptions): Promise<void> {
  const { config } = await findOrMakeStream(jsm, publisher, options)
  const { max_bytes, max_age, num_replicas } = configOf(publisher, options)
  if (config.max_bytes !== max_bytes || config.max_age !== max_age || config.num_replicas !== num_replicas)
    await jsm.streams.update(config.name, { max_bytes, max_age, num_replicas })
}

/** The position of the newest message after `after` that has one: others may have been put on the stream by strangers. */
export async function newestPosition(
  jsm: JetStreamManager,
  { config, state }: StreamInfo,
  after: number,
): Promise<Position | null> {
  for (let seq = state.last_seq; seq >= state.first_seq && seq > after; seq--) {
    const stored = await jsm.streams.getMessage(config.name, { seq })
    const position = parsePosition(stored?.header.get(positionHeader) ?? '')
    if (position) return position
  }
  return null
}

const storeFailed = 10_077
const noStorage = 10_047
const noResources = 10_023

/** What it means for a person that the broker has refused something about a stream. */
export function streamTrouble(stream: string, error: unknown): string {
  if (isCode(error, storeFailed) || isCode(error, noStorage) || isCode(error, noResources))
    return `the stream ${stream} is full or has no room on the broker; raise BUS_STREAM_MAX_BYTES or the broker's storage`
  return `the stream ${stream} cannot be used: ${error instanceof Error ? error.message : String(error)}`
}

export const isCode = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code
