// A real broker for tests: the machine's nats-server with its own store. A test can kill it, restart it, or wipe
// its store.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@aisle/dev/free-port'
import { launchNats, storeOf } from '@aisle/dev/nats'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { BrokerRights } from '../bus/nats-rights.ts'
import { streamName } from '../bus/nats-stream.ts'

export type TestBroker = AsyncDisposable & {
  /** For BUS_URL. */
  readonly url: string
  /** The same server with other credentials. */
  urlAs(credentials: string): string
  /** Kills it with SIGKILL; what it has stored stays. */
  kill(): Promise<void>
  /** For BUS_URL of one of `users`. */
  urlOf(user: string): string
  /** Starts it again at the same port, with what it has stored. */
  start(): Promise<void>
  /** Accepts only this password from the next start on. */
  setPassword(password: string): void
  /** Deletes everything that was stored; call it while the broker does not run. */
  wipe(): Promise<void>
}

/** The default password; it has a character that must be escaped in a URL. */
export const password = "a test's own"

/**
 * Starts a nats-server with JetStream at a free port of this machine, for an operator `aisle` and `users`. It ends
 * with the process that started it.
 */
export async function startTestBroker(users: Readonly<Record<string, BrokerRights>> = {}): Promise<TestBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'aisle-nats-'))
  const port = await freePort()
  let current = password
  const urlAs = (credentials: string) => `nats://${credentials}@127.0.0.1:${port}`
  const urlOf = (user: string) => urlAs(`${user}:${encodeURIComponent(password)}`)
  const url = urlOf('aisle')
  let child: ChildProcess | null = null

  const broker: TestBroker = {
    url,
    urlAs,
    urlOf,
    setPassword(text) {
      current = text
    },
    async start() {
      const listed = Object.entries(users).map(([name, rights]) => ({ name, password: current, rights }))
      child = await launchNats({ folder, port, users: [{ name: 'aisle', password: current }, ...listed] })
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    wipe: () => rm(storeOf(folder), { recursive: true, force: true }),
    async [Symbol.asyncDispose]() {
      await broker.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await broker.start()
  return broker
}

/**
 * Connects as the user of `url`: an operator, or a service that gets its replies at `inboxPrefix`. `caFile` is for
 * `tls:`.
 */
export async function operate(url: string, inboxPrefix?: string, caFile?: string) {
  const { username, password: given, host } = new URL(url)
  const nc = await connect({
    servers: host,
    user: username,
    pass: decodeURIComponent(given),
    ...(inboxPrefix ? { inboxPrefix } : {}),
    ...(caFile ? { tls: { caFile } } : {}),
  })
  const jsm = await jetstreamManager(nc)
  return { nc, jsm, [Symbol.asyncDispose]: () => nc.close() }
}

/** Removes the streams of a namespace when the test that used it is done. */
export async function removeStreams(url: string, namespace: string, publishers: readonly string[]): Promise<void> {
  await using operator = await operate(url)
  for (const publisher of publishers)
    await operator.jsm.streams.delete(streamName(namespace, publisher)).catch(() => false)
}

/** The text of every message on the streams of a namespace, subjects and headers included. */
export async function readStreams(url: string, namespace: string, publishers: readonly string[]): Promise<string[]> {
  await using operator = await operate(url)
  const texts: string[] = []
  for (const publisher of publishers) {
    const name = streamName(namespace, publisher)
    const { state } = await operator.jsm.streams.info(name)
    // An empty stream says that its first message is 0.
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
      const message = await operator.jsm.streams.getMessage(name, { seq })
      if (message) texts.push([message.subject, ...[...message.header].flat(2), message.string()].join('\n'))
    }
  }
  return texts
}
