// (g) Memory of the whole stack at rest. Reference: the node process alone.

import { setTimeout as sleep } from 'node:timers/promises'
import { memoryMegabytes, processTree } from './processes.ts'
import type { BenchStack } from './stack.ts'
import type { Row } from './table.ts'

/** By then the connections used during the start are closed. */
const restMs = 40_000

export async function memory(stack: BenchStack): Promise<Row> {
  await sleep(restMs)
  const all = memoryMegabytes(processTree(stack.pid))
  const node = memoryMegabytes([stack.pid])
  return {
    name: '(g) memory at rest',
    ours: `${Math.round(all)} MB`,
    reference: `of it the services' process: ${Math.round(node)} MB`,
    ratio: (all / node).toFixed(1),
    aim: 'under 500 MB',
    figures: { allMegabytes: all, nodeMegabytes: node },
  }
}
