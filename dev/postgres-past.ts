/**
 * An earlier state of a PostgreSQL server: what an asynchronous failover, a snapshot of a virtual machine or a
 * point-in-time recovery brings back. For tests.
 */
import { execFile } from 'node:child_process'
import { readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { processesNow } from './processes.mjs'

const run = promisify(execFile)

/** Where the copy of a server's files is. */
export type Past = { readonly copy: string; readonly cluster: string }

/**
 * Copies the files of the server that runs on `dataDir`, all as of one moment: none of its processes runs
 * meanwhile.
 */
export async function keepPast(dataDir: string): Promise<Past> {
  const cluster = path.join(dataDir, 'cluster')
  const copy = path.join(dataDir, 'past')
  await rm(copy, { recursive: true, force: true })
  const postmaster = Number.parseInt(await readFile(path.join(cluster, 'postmaster.pid'), 'utf8'), 10)
  const stopped: number[] = []
  const stop = (pid: number) => {
    process.kill(pid, 'SIGSTOP')
    stopped.push(pid)
  }
  try {
    // The postmaster first, so that no new process starts.
    stop(postmaster)
    for (const pid of childrenOf(postmaster)) stop(pid)
    // With their owner, the server's user.
    await run('cp', ['-a', cluster, copy])
  } finally {
    for (const pid of stopped.reverse()) process.kill(pid, 'SIGCONT')
  }
  await rm(path.join(copy, 'postmaster.pid'), { force: true })
  return { copy, cluster }
}

/**
 * Replaces the server's files with the copy. The server must not run; when it is started, it recovers as after a
 * crash.
 */
export async function bringBack({ copy, cluster }: Past): Promise<void> {
  await rm(cluster, { recursive: true, force: true })
  await rename(copy, cluster)
}

const childrenOf = (parent: number): number[] =>
  processesNow().flatMap((one) => (one.parent === parent ? [one.pid] : []))
