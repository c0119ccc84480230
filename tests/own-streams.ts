// The part of a broker that belongs to one world, if the run has a broker (TEST_STACK, or npm run histories --
// --bus nats).

import { removeStreams } from '@aisle/kit/testing/nats'

export type OwnStreams = {
  /** A service's broker configuration; undefined if there is no broker. */
  readonly config: Readonly<Record<string, string | number>> | undefined
  remove(): Promise<void>
}

/** Separate streams for `publishers`, on the broker at `busUrl`. */
export function ownStreams(busUrl: string | null, publishers: readonly string[]): OwnStreams {
  if (!busUrl) return { config: undefined, remove: async () => {} }
  const namespace = `world-${crypto.randomUUID().slice(0, 8)}`
  return {
    config: { BUS_URL: busUrl, BUS_NAMESPACE: namespace, BUS_STREAM_MAX_BYTES: 64 * 1024 ** 2 },
    remove: () => removeStreams(busUrl, namespace, publishers),
  }
}
