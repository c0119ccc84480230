// `npm run bench`, or with the letters of single rows: `npm run bench -- a f`. What the rows mean: docs/performance.md.

import { browse } from './browse.ts'
import { expiry } from './expiry.ts'
import { listen } from './listeners.ts'
import { memory } from './memory.ts'
import { messageLatency } from './messages.ts'
import { pages } from './pages.ts'
import { race } from './race.ts'
import { reserve } from './reserve.ts'
import { sales } from './sales.ts'
import { type BenchStack, startBenchStack } from './stack.ts'
import { printTable, type Row } from './table.ts'

const runs: Record<string, (stack: BenchStack) => Promise<Row | Row[]>> = {
  a: reserve,
  b: race,
  c: messageLatency,
  d: expiry,
  e: browse,
  f: sales,
  g: memory,
  h: listen,
  i: pages,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((letter) => !runs[letter])
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(', ')}; there are ${Object.keys(runs).join(', ')}.`)
  process.exit(1)
}

const rows: Row[] = []
for (const [letter, run] of Object.entries(runs)) {
  if (asked.length > 0 && !asked.includes(letter)) continue
  console.error(`(${letter}) ...`)
  await using stack = await startBenchStack()
  rows.push(...[await run(stack)].flat())
}
printTable(rows)
