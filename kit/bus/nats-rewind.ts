// A listener that misses messages asks their publisher to publish its outbox again from where the listener is. It asks until it gets them: what it says may
// be lost, and perhaps there is no leader at the moment.

import type { Broker } from './nats-connection.ts'
import { beginning, type Position, parsePosition, positionText } from './outbox-log.ts'

/** As often as this a listener asks, and not more often the publisher heeds it. */
export const askEveryMs = 5_000

/** Beside the subjects of the streams, so that it is kept on none. */
export const rewindSubject = (namespace: string, publisher: string): string => `${namespace}.rewind.${publisher}`

/** Where a listener is: a position in one history of the outbox. */
export type Wanted = Position & { readonly epoch: number }

export function askForRewind(broker: Broker, namespace: string, publisher: string, { epoch, ...from }: Wanted): void {
  broker.say(rewindSubject(namespace, publisher), `${epoch}:${positionText(from)}`)
}

/** Calls `rewind` with what listeners ask for. Returns what ends it. */
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
