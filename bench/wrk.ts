// Debian's wrk and pgbench. They are written in C, so the load uses as little as possible of the machine it
// shares with what is measured.

import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type Load = {
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Responses with a status of 400 or more. */
  refused: number
  /** Requests without a response for ten seconds. */
  late: number
}

const patienceSeconds = 10

/**
 * Sends requests to `url` for `seconds` over `connections`; a Lua script may create the requests, with `args`
 * for it.
 */
export async function wrk(
  url: string,
  options: { connections: number; seconds: number; script: string; args?: string[] },
): Promise<Load> {
  const { connections, seconds, script, args = [] } = options
  const { stdout } = await tool('wrk', [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    `--timeout=${patienceSeconds}s`,
    '-s',
    new URL(`./lua/${script}`, import.meta.url).pathname,
    url,
    '--',
    ...args,
  ])
  const line = stdout.trim().split('\n').at(-1) ?? ''
  const seen = JSON.parse(line) as {
    requests: number
    durationSeconds: number
    p50Ms: number
    p99Ms: number
    socketErrors: number
    late: number
    refused: number
  }
  if (seen.socketErrors > 0) throw new Error(`wrk lost ${seen.socketErrors} connections to ${url}.`)
  return { ...seen, perSecond: seen.requests / seen.durationSeconds }
}

/** The part of a row about late requests. */
export function latePart(loads: readonly Load[]): string {
  const late = loads.reduce((sum, load) => sum + load.late, 0)
  return late === 0 ? '' : `, ${late} over ${patienceSeconds} s`
}

/** The numbers of several rounds, for a row. */
export const figuresOf = (loads: readonly Load[]) => ({
  perSecond: loads.map(({ perSecond }) => perSecond),
  p50Ms: loads.map(({ p50Ms }) => p50Ms),
  p99Ms: loads.map(({ p99Ms }) => p99Ms),
  late: loads.map(({ late }) => late),
})

/** Transactions per second of the SQL in `file` over `clients` connections. */
export async function pgbench(
  databaseUrl: string,
  file: string,
  options: { clients: number; seconds: number; variables?: Record<string, number> },
): Promise<number> {
  const { clients, seconds, variables = {} } = options
  const { stdout } = await tool(pgbenchPath(), [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(clients),
    '-j',
    '1',
    '-T',
    String(seconds),
    ...Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
    '-f',
    file,
    databaseUrl,
  ])
  const tps = /tps = ([\d.]+)/.exec(stdout)?.[1]
  if (!tps) throw new Error(`pgbench said no tps: ${stdout}`)
  return Number(tps)
}

function pgbenchPath(): string {
  const base = '/usr/lib/postgresql'
  const version = readdirSync(base, { encoding: 'utf8' }).sort().at(-1)
  return `${base}/${version}/bin/pgbench`
}

async function tool(command: string, args: string[]): Promise<{ stdout: string }> {
  try {
    return await run(command, args)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error(
        `The benchmark needs Debian's packages wrk and postgresql-contrib: apt-get install wrk postgresql-contrib`,
        { cause: error },
      )
    throw error
  }
}
