// A listener that misses messages asks their publisher to publish its outbox again from the listener's position. It
// asks until it gets them: the request may be lost, and there may be no leader at the moment.

import type { Broker } from './nats-connection.ts'
import { beginning, type Position, parsePosition, positionText } from './outbox-log.ts'

/** A listener asks this often, and a publisher acts on requests no more often. */
export const askEveryMs = 5_000

/** Outside the subjects of the streams, so that no stream stores it. */
export const rewindSubject = (namespace: string, publisher: string): string => `${namespace}.rewind.${publisher}`

/** The position of a listener in one history of the outbox. */
export type Wanted = Position & { readonly epoch: number }

/** Asks `publisher` to publish again what lies after a position. The request may be lost. */
export function askForRewind(broker: Broker, namespace: string, publisher: string, { epoch, ...from }: Wanted): void {
  broker.say(rewindSubject(namespace, publisher), `${epoch}:${positionText(from)}`)
}

/** Calls `rewind` with each request of a listener; malformed ones are dropped. Returns the function that ends it. */
export function hearRewinds(
  broker: Broker,
  namespace: string,
  publisher: string,
  rewind: (wanted: Wanted) => void,
): () => void {
  return broker.hear(rewindSubject(namespace, publisher), (text) => {
    const [, epoch, position] = /^(\d{1,15}):(.+)$/.exec(text) ?? []
    if (epoch) rewind({ epoch: Number(epoch), ...(parsePosition(position ?? '') ?? beginning) })
  })
}
