// The machine's nats-server, for the distributed stack and for tests.

import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BrokerUser, brokerUsers } from '@aisle/kit/bus/nats-rights'
import { spawnBound } from './processes.mjs'

const usual = [
  '/usr/sbin/nats-server',
  '/usr/bin/nats-server',
  '/usr/local/bin/nats-server',
  '/opt/homebrew/bin/nats-server',
]
const startsWithinMs = 20_000

/** The path of nats-server, or undefined. */
export const findNatsServer = (): string | undefined => [process.env.NATS_SERVER ?? '', ...usual].find(existsSync)

export const noNatsServer = `No nats-server at ${usual.join(', ')}: install Debian's package nats-server, or set NATS_SERVER to where it is.`

export type NatsOptions = {
  /** Directory for its configuration and, in `store`, its data. */
  folder: string
  port: number
  users: readonly BrokerUser[]
}

/**
 * Starts it with JetStream on 127.0.0.1; resolves when it is ready. It ends with the process that started it,
 * however that ends.
 * @throws when there is none on this machine, or it does not start within 20 s
 */
export async function launchNats({ folder, port, users }: NatsOptions): Promise<ChildProcess> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'nats.conf')
  await writeFile(
    file,
    `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${storeOf(folder)}", max_file_store: 1TB, max_memory_store: 1MB }
authorization {
${brokerUsers(users)}}
`,
    { mode: 0o600 },
  )
  return runNats(file)
}

/** Starts it with the configuration `file`, otherwise like `launchNats`. */
export async function runNats(file: string): Promise<ChildProcess> {
  const binary = findNatsServer()
  if (!binary) throw new Error(noNatsServer)
  const started = spawnBound(binary, ['-c', file], {
    deathSignal: 'KILL',
    stdio: ['ignore', 'ignore', 'pipe'],
    // In a session of its own: Ctrl-C in a terminal must not end it before those that use it.
    detached: true,
  })
  let said = ''
  started.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-4_000)
  })
  const deadline = performance.now() + startsWithinMs
  while (!said.includes('Server is ready')) {
    if (started.exitCode !== null || started.signalCode !== null || performance.now() > deadline)
      throw new Error(`nats-server does not start: ${said}`)
    await sleep(5)
  }
  return started
}

/** Its data; the directory may be removed while it does not run. */
export const storeOf = (folder: string): string => join(folder, 'store')
