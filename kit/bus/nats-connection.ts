// The connection to the broker, and its state.

import { readFileSync } from 'node:fs'
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, errors, type NodeConnectionOptions } from '@nats-io/transport-node'
import type { Log } from '../log.ts'

export type Broker = {
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  /** Size of the largest message that the broker accepts, in bytes, headers included. */
  maxPayload(): number
  /** What is wrong with the connection, or null. */
  trouble(): string | null
  /** Grows with every new connection: messages in flight on an earlier one may be lost. */
  connections(): number
  /** Publishes to the present subscribers of `subject`, without persistence; the message may be lost. */
  say(subject: string, text: string): void
  /** Calls `hear` with each message on `subject`. Returns the function that ends it. */
  hear(subject: string, hear: (text: string) => void): () => void
  /** Sends what is still buffered, if it can, and closes the connection. */
  close(): Promise<void>
}

const connectTimeoutMs = 3_000
const requestTimeoutMs = 5_000
const reconnectEveryMs = 250
/** A broker that vanishes silently is noticed after two of these. */
const pingEveryMs = 5_000

export type BrokerOptions = {
  /** BUS_URL. */
  url: string
  /** The name of the service, for the broker's own listings. */
  name: string
  /** Prefix of the subjects on which replies arrive. */
  inbox: string
  /** PEM file of the CA that signs the broker's certificate, for `tls:`; without it, the CAs that Node trusts. */
  caFile?: string | undefined
  log: Log
}

/**
 * Connects to the broker of BUS_URL. From then on the client reconnects whenever the connection is lost.
 * @throws {Error} one sentence: it cannot be reached, it refuses the credentials, it has no JetStream
 */
export async function connectBroker({ url, name, inbox, caFile, log }: BrokerOptions): Promise<Broker> {
  const { where, options } = readBusUrl(url, caFile)
  const refused = `the broker at ${where} refuses the credentials of BUS_URL`
  const unreachable = `the broker at ${where} cannot be reached`
  const nc = await connect({
    ...options,
    name,
    inboxPrefix: inbox,
    timeout: connectTimeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectEveryMs,
    pingInterval: pingEveryMs,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
  }).catch((cause: unknown) => {
    throw isRefusal(cause)
      ? new Error(`${sentence(refused)}; set BUS_URL to others.`, { cause })
      : new Error(`${sentence(unreachable)}; start it, or set BUS_URL to where it is.`, { cause })
  })
  let trouble: string | null = null
  let connections = 1
  const watching = (async () => {
    for await (const status of nc.status()) {
      const before: string | null = trouble
      // Each refused attempt ends with a disconnect of its own.
      if (status.type === 'disconnect') trouble ??= unreachable
      if (status.type === 'error' && isRefusal(status.error)) trouble = refused
      if (status.type === 'reconnect') {
        trouble = null
        connections++
      }
      if (trouble !== before) log.warn({ broker: where }, trouble ?? 'the broker is connected again')
    }
  })()

  const close = async () => {
    if (trouble === null) await nc.flush().catch(() => {})
    await nc.close()
    await watching
  }
  try {
    return {
      js: jetstream(nc, { timeout: requestTimeoutMs }),
      jsm: await jetstreamManager(nc, { timeout: requestTimeoutMs }),
      maxPayload: () => nc.info?.max_payload ?? 1024 * 1024,
      trouble: () => (nc.isClosed() ? unreachable : trouble),
      connections: () => connections,
      say: (subject, text) => {
        if (!nc.isClosed()) nc.publish(subject, text)
      },
      hear(subject, hear) {
        const subscription = nc.subscribe(subject, {
          callback: (error, message) => {
            if (error) log.warn({ err: error, subject }, 'the broker refuses the subscription')
            else hear(message.string())
          },
        })
        return () => subscription.unsubscribe()
      },
      close,
    }
  } catch (cause) {
    await close()
    throw new Error(`${sentence(`the broker at ${where} has no JetStream for this service`)}; start it with -js.`, {
      cause,
    })
  }
}

/** BUS_URL holds hosts and credentials together; the client library takes them separately. */
function readBusUrl(text: string, caFile?: string): { where: string; options: NodeConnectionOptions } {
  const urls = text.split(',').map((one) => new URL(one))
  const servers = urls.map(({ hostname, port }) => `${hostname}:${port || '4222'}`)
  const { username, password } = urls.find((url) => url.username) ?? { username: '', password: '' }
  const user = decodeURIComponent(username)
  const credentials = password ? { user, pass: decodeURIComponent(password) } : user ? { token: user } : {}
  const isSecret = urls.some(({ protocol }) => protocol === 'tls:')
  const tls = isSecret ? { tls: caFile ? { ca: readFileSync(caFile, 'utf8') } : {} } : {}
  return { where: servers.join(', '), options: { servers, ...credentials, ...tls } }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof errors.AuthorizationError ||
  error instanceof errors.UserAuthenticationExpiredError ||
  (error instanceof Error && error.cause !== undefined && isRefusal(error.cause))

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
