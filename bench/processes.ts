// The kernel's figures for the stack's processes.

import { readdirSync, readFileSync } from 'node:fs'

/** A clock tick of /proc is a hundredth of a second on every Linux that Node runs on. */
const ticksASecond = 100

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

/** Whether it is one of our Node processes, and not a server that they use. */
export const isNode = (pid: number): boolean => /(^|\/)node\0/.test(read(`/proc/${pid}/cmdline`))

/** CPU time used by these processes, in seconds. */
export const cpuSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + (Number(statOf(pid)[11] ?? 0) + Number(statOf(pid)[12] ?? 0)) / ticksASecond, 0)

/** Proportional set size in megabytes: pages that processes share count once in the sum. */
export const memoryMegabytes = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024, 0)

/**
 * The fields of /proc/PID/stat after the name, which may contain blanks: [1] is the parent, [11] and [12] the
 * user and system ticks.
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
