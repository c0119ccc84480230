// The distributed stack with full control of everything between its parts.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { type DistributedStack, startDistributedStack } from '@aisle/dev/distributed-stack'
import { freePort } from '@aisle/dev/free-port'
import { makeKeys } from '@aisle/dev/keys'
import { connect } from '@aisle/kit/db/connect'
import { createLog } from '@aisle/kit/log'
import { type Link, openLink } from '@aisle/kit/testing/link'
import type postgres from 'postgres'
import type { Readable } from '../invariants.ts'
import { adminLogin, anyDeclines, unhurried } from '../world.ts'

const run = promisify(execFile)
const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
const isRoot = process.getuid?.() === 0
/** Enough for a small PostgreSQL cluster and a few minutes of sales. */
const diskBytes = 700 * 1024 * 1024

export type Broken = DistributedStack &
  Readable & {
    readonly links: ReadonlyMap<string, Link>
    /** A separate file system, where this machine permits one. */
    readonly disk: { readonly of: string; fill(): Promise<void>; empty(): Promise<void> } | null
    /** Clocks that can be set wrong, where libfaketime is installed. */
    readonly skew: { readonly of: string; by(seconds: number): Promise<void> } | null
    /** Shuts the stack down and removes it; resolves to a sentence for each replica that did not stop properly. */
    end(): Promise<string[]>
  }

export type BrokenOptions = { dataDir: string; windowSeconds: number; replicas?: number }

export async function startBrokenStack({ dataDir, windowSeconds, replicas }: BrokenOptions): Promise<Broken> {
  await mkdir(dataDir, { recursive: true })
  const links = new Map<string, Link>()
  const disk = await smallDisk(join(dataDir, 'postgres-tickets'))
  const clockFile = join(dataDir, 'clock')
  await writeFile(clockFile, '+0')
  const skewed = existsSync(faketime) ? ['orders-2', 'payments-1'] : []
  const stack = await startDistributedStack({
    port: await freePort(),
    dataDir,
    keys: makeKeys(),
    config: {
      LOG_LEVEL: process.env.TEST_LOG ?? 'fatal',
      ORDER_WINDOW_SECONDS: windowSeconds,
      ...unhurried,
      ...anyDeclines,
      PROVIDER_CALLS_PER_SECOND: 1_000,
      ADMIN_EMAIL: adminLogin.email,
      ADMIN_PASSWORD: adminLogin.password,
    },
    ...(replicas ? { replicas } : {}),
    envOf: (replica) =>
      skewed.includes(replica)
        ? {
            LD_PRELOAD: faketime,
            FAKETIME_TIMESTAMP_FILE: clockFile,
            FAKETIME_NO_CACHE: 1,
            FAKETIME_DONT_FAKE_MONOTONIC: 1,
          }
        : {},
    async between(replica, server, port) {
      const name = `${replica} to ${server}`
      const link = links.get(name) ?? (await openLink(port))
      links.set(name, link)
      return link.port
    },
    log: createLog('chaos', process.env.TEST_LOG ?? 'fatal'),
  })
  const connections = new Map<ServiceName, postgres.Sql>()
  return {
    ...stack,
    links,
    disk,
    skew: skewed.length > 0 ? { of: skewed.join(' and '), by: (seconds) => setClock(clockFile, seconds) } : null,
    sql(service) {
      const known = connections.get(service) ?? connect(stack.databaseUrl(service), { max: 2 })
      connections.set(service, known)
      return known
    },
    sandbox: <T>(_method: string, path: string) =>
      fetch(`${stack.addresses.sandbox}${path}`).then((answer) => answer.json() as Promise<T>),
    async end() {
      for (const sql of connections.values()) await sql.end({ timeout: 1 })
      const unwilling = await stack.stop()
      for (const link of links.values()) await link.close()
      await disk?.remove()
      await rm(dataDir, { recursive: true, force: true })
      return unwilling
    },
  }
}

const setClock = (file: string, seconds: number) => writeFile(file, `${seconds < 0 ? '' : '+'}${seconds}`)

/** Mounts a small file system at `place`; null where that is not permitted. */
async function smallDisk(place: string) {
  if (!isRoot) return null
  await mkdir(place, { recursive: true })
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes},mode=700`, 'tmpfs', place]).then(
    () => true,
    () => false,
  )
  if (!mounted) return null
  const ballast = join(place, 'ballast')
  return {
    of: 'PostgreSQL of tickets',
    async fill() {
      // As much as possible: dd fails once the disk is full, which is the intention.
      await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M']).catch(() => {})
    },
    empty: () => rm(ballast, { force: true }),
    remove: () => run('umount', [place]).then(() => {}),
  }
}
