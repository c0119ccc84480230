// The bus over NATS JetStream: a relay publishes this service's outbox to its stream (nats-relay.ts), and a durable
// consumer per publisher receives that publisher's messages (nats-consumer.ts).

import type { Sql } from '../db/database.ts'
import type { Log } from '../log.ts'
import { openLeadership } from '../work/leadership.ts'
import type { Bus } from './bus.ts'
import { connectBroker } from './nats-connection.ts'
import { type Listener, startListener } from './nats-consumer.ts'
import { type Relay, startRelay } from './nats-relay.ts'
import { inboxOf } from './nats-rights.ts'
import type { StreamOptions } from './nats-stream.ts'
import { createNotifier } from './notifier.ts'

const usualAckWaitMs = 30_000

export type NatsBusOptions = {
  /** The broker: `nats://host:port`, several with commas, with `user:password@` or `token@`; or `tls://`. */
  busUrl: string
  /** For `tls:`, the PEM file of the CA that signs the broker's certificate; without it, the CAs that Node trusts. */
  caFile?: string | undefined
  stream: StreamOptions
  /** The name of this service. */
  name: string
  /** This service's database: it holds the outbox, the cursors and the leader election. */
  url: string
  sql: Sql
  /** How long the broker waits for an ack, in milliseconds; 30,000 by default. */
  ackWaitMs?: number
  /** Called when the outbox of `publisher` differs from the one that was read or published before. */
  historyChanged?: (publisher: string) => void
  log: Log
}

/**
 * Connects to the broker and starts to publish this service's outbox.
 * @throws {Error} one sentence, when the broker or its stream cannot be used
 */
export async function natsBus(options: NatsBusOptions): Promise<Bus> {
  const { busUrl, caFile, stream, name, url, sql, ackWaitMs = usualAckWaitMs, historyChanged = () => {}, log } = options
  const broker = await connectBroker({ url: busUrl, name, inbox: inboxOf(stream.namespace, name), caFile, log })
  const leadership = openLeadership(url, name)
  const notifier = createNotifier(url, name, log)
  const listeners: Listener[] = []
  let relay: Relay | null = null
  let closed: Promise<void> | null = null
  const stop = async () => {
    await Promise.all(listeners.map((listener) => listener.stop()))
  }
  const close = async () => {
    await stop()
    await relay?.stop()
    await notifier.stop()
    await broker.close()
    // Last, so that the next leader starts only after this one has sent everything.
    await leadership.close()
  }
  try {
    const changed = () => historyChanged(name)
    relay = await startRelay({ publisher: name, url, sql, broker, leadership, stream, historyChanged: changed, log })
  } catch (error) {
    await close()
    throw error
  }
  const parts: readonly { trouble(): string | null }[] = [broker, relay]
  return {
    async subscribe({ publishers }, deliver) {
      for (const publisher of publishers) {
        const changed = () => historyChanged(publisher)
        const around = { name, sql, broker, leadership, stream, ackWaitMs, deliver, log }
        listeners.push(startListener({ ...around, publisher, historyChanged: changed }))
      }
    },
    notify: notifier.notify,
    trouble: () => [...parts, ...listeners].map((part) => part.trouble()).find((trouble) => trouble !== null) ?? null,
    unpublished: async () => (relay ? relay.unpublished() : null),
    streamFill: async () => (relay ? relay.streamFill() : null),
    behind: () => Promise.all(listeners.map((listener) => listener.behind())),
    stop,
    close() {
      closed ??= close()
      return closed
    },
  }
}
