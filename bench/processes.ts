// The kernel's figures for the stack's processes.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A clock tick of /proc is a hundredth of a second on every Linux that Node runs on. */
const ticksASecond = 100

/** The payment sandbox's, in a process of its own, in the folder of the stack's commit. */
export const sandboxProgram = 'packages/stripe-sandbox/src/start.ts'

/** The process `pid` and all its descendants. */
export function processTree(pid: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name): [number, number] => [Number(name), Number(statOf(Number(name))[1] ?? 0)]),
  )
  const isBelow = (one: number): boolean => one === pid || ((parents.get(one) ?? 0) > 1 && isBelow(parents.get(one)!))
  return [...parents.keys()].filter(isBelow)
}

/** Processor time in seconds: of our own Node processes, the payment sandbox's, and the servers they use. */
export type Used = { node: number; sandbox: number; servers: number }

/** The processor time that the stack below the process `pid` has used so far. */
export function usedBy(pid: number): Used {
  const kinds = Map.groupBy(processTree(pid), kindOf)
  const of = (kind: keyof Used) => cpuSeconds(kinds.get(kind) ?? [])
  return { node: of('node'), sandbox: of('sandbox'), servers: of('servers') }
}

/**
 * The processor time in seconds that the stack below the process `pid` has used so far, without the programs of
 * `service` and the server of its database, where it has processes and a server of its own.
 */
export function usedByOthers(pid: number, service: string): number {
  const all = processTree(pid)
  const roots = all.filter(
    (one) => commandOf(one).includes(`services/${service}/`) || folderOf(one).includes(`postgres-${service}`),
  )
  const own = new Set(roots.flatMap(processTree))
  if (own.size === 0) throw new Error(`${service} has no processes of its own.`)
  return cpuSeconds(all.filter((one) => !own.has(one)))
}

/** Where a process works: a database server in the folder of its data. */
function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return '' // the process has ended meanwhile
  }
}

/** Whether the payment sandbox of the stack below the process `pid` is a process of its own. */
export const isSandboxApart = (pid: number): boolean => processTree(pid).some((one) => kindOf(one) === 'sandbox')

function kindOf(pid: number): keyof Used {
  if (!isNode(pid)) return 'servers'
  return commandOf(pid).includes(sandboxProgram) ? 'sandbox' : 'node'
}

/** Whether it is one of our Node processes, and not a server that they use. */
export const isNode = (pid: number): boolean => /(^|\/)node\0/.test(commandOf(pid))

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`)

/** CPU time used by these processes and by their children that have ended, such as connections of a server. */
export const cpuSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + ticksOf(pid) / ticksASecond, 0)

const ticksOf = (pid: number): number =>
  statOf(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0)

/** Proportional set size in megabytes: pages that processes share count once in the sum. */
export const memoryMegabytes = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024, 0)

/**
 * The fields of /proc/PID/stat after the name, which may contain blanks: [1] is the parent, [11] to [14] the user and
 * system ticks, its own and those of its children that have ended.
 */
function statOf(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // the process has ended meanwhile
  }
}
