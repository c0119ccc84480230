// What the figures of a run depend on: the machine, its disk, the versions, and how busy it was.

import { execFile } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serverBinaries } from '@aisle/dev/postgres-files'
import { median } from './table.ts'

const run = promisify(execFile)
const flushes = 200
const pageBytes = 8192

export type Machine = {
  cpu: string
  cores: number
  memoryGigabytes: number
  node: string
  postgres: string
  /** Microseconds until 8 kB, a page of PostgreSQL, are on the disk that has the stack's data: the median. */
  flushMicroseconds: number
  /** Of the last minute, before the run. */
  load: number
}

export async function describeMachine(): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'aisle-bench-disk-'))
  try {
    const { stdout } = await run(join(await serverBinaries(folder), 'bin/postgres'), ['--version'])
    return {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
      node: process.version,
      postgres: stdout.trim().split(' ').at(-1) ?? 'unknown',
      flushMicroseconds: Math.round(await flushMicroseconds(join(folder, 'pages'))),
      load: loadavg()[0]!,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function flushMicroseconds(path: string): Promise<number> {
  const file = await open(path, 'w')
  const took: number[] = []
  try {
    const page = Buffer.alloc(pageBytes, 1)
    // As PostgreSQL's log: the file has its size already.
    await file.write(Buffer.alloc(flushes * pageBytes))
    await file.sync()
    for (let nth = 0; nth < flushes; nth++) {
      const begun = performance.now()
      await file.write(page, 0, pageBytes, nth * pageBytes)
      await file.datasync()
      took.push((performance.now() - begun) * 1000)
    }
  } finally {
    await file.close()
  }
  return median(took)
}

export function sentenceOf({ cpu, cores, memoryGigabytes, node, postgres, flushMicroseconds, load }: Machine): string {
  return [
    `${cores} x ${cpu}, ${memoryGigabytes} GB, load ${load.toFixed(1)} before the run`,
    `Node ${node}, PostgreSQL ${postgres}, a disk flush takes ${flushMicroseconds} µs`,
  ].join('; ')
}

export type Commit = { id: string; isChanged: boolean }

/** What is measured, and whether files differ from it. */
export async function describeCommit(root: string): Promise<Commit> {
  const git = async (...args: string[]) => (await run('git', args, { cwd: root })).stdout.trim()
  return { id: await git('rev-parse', '--short', 'HEAD'), isChanged: (await git('status', '--porcelain')) !== '' }
}
