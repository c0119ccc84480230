// The kernel's figures for the stack's processes.

import { readdirSync, readFileSync } from 'node:fs'

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
  const used: Used = { node: 0, sandbox: 0, servers: 0 }
  for (const one of processTree(pid)) used[kindOf(one)] += cpuSeconds(one)
  return used
}

/** Whether the payment sandbox of the stack below the process `pid` is a process of its own. */
export const isSandboxApart = (pid: number): boolean => processTree(pid).some((one) => kindOf(one) === 'sandbox')

function kindOf(pid: number): keyof Used {
  const command = read(`/proc/${pid}/cmdline`)
  if (!/(^|\/)node\0/.test(command)) return 'servers'
  return command.includes(sandboxProgram) ? 'sandbox' : 'node'
}

/** Including its children that have ended, such as the connections of a server. */
function cpuSeconds(pid: number): number {
  const ticks = statOf(pid).slice(11, 15)
  return ticks.reduce((sum, value) => sum + Number(value), 0) / ticksASecond
}

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
