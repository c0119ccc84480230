// The part of a broker that belongs to one world, if the run has a broker (TEST_STACK, or npm run histories --
// --bus nats).

import { readStreams, removeStreams } from '@aisle/kit/testing/nats'

export type OwnStreams = {
  /** A service's broker configuration; undefined if there is no broker. */
  readonly config: Readonly<Record<string, string | number>> | undefined
  /** The text of all messages on them. */
  read(): Promise<string[]>
  remove(): Promise<void>
}

/** Separate streams for `publishers`, on the broker at `busUrl`. */
export function ownStreams(busUrl: string | null, publishers: readonly string[]): OwnStreams {
  if (!busUrl) return { config: undefined, read: async () => [], remove: async () => {} }
  const namespace = `world-${crypto.randomUUID().slice(0, 8)}`
  return {
    config: { BUS_URL: busUrl, BUS_NAMESPACE: namespace, BUS_STREAM_MAX_BYTES: 64 * 1024 ** 2 },
    read: () => readStreams(busUrl, namespace, publishers),
    remove: () => removeStreams(busUrl, namespace, publishers),
  }
}
