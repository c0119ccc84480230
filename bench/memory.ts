// (g) Memory of the whole stack at rest, as the kernel counts it: proportional set size, so that pages that processes share count once.
// Reference: the node process alone.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchStack } from './stack.ts'
import type { Row } from './table.ts'

/** Connections that the start has used are closed by now. */
const restMs = 40_000

export async function memory(stack: BenchStack): Promise<Row> {
  await sleep(restMs)
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        const stat = read(`/proc/${pid}/stat`)
        return stat ? [[Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]] : []
      }) as [number, number][],
  )
  const isOurs = (pid: number): boolean =>
    pid === stack.pid || (parents.has(pid) && parents.get(pid)! > 1 && isOurs(parents.get(pid)!))
  const megabytes = (pid: number) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024
  const all = [...parents.keys()].filter(isOurs).reduce((sum, pid) => sum + megabytes(pid), 0)
  const node = megabytes(stack.pid)
  return {
    name: '(g) memory at rest',
    ours: `${Math.round(all)} MB`,
    reference: `of it the services' process: ${Math.round(node)} MB`,
    ratio: (all / node).toFixed(1),
    aim: 'under 500 MB',
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // the process has ended meanwhile
  }
}
