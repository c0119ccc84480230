// `npm run bench`, or with the letters of single rows: `npm run bench -- a f`. docs/performance.md explains the
// rows.

import { browse } from './browse.ts'
import { expiry } from './expiry.ts'
import { listen } from './listeners.ts'
import { memory } from './memory.ts'
import { messageLatency } from './messages.ts'
import { pages } from './pages.ts'
import { race } from './race.ts'
import { reserve } from './reserve.ts'
import { sales } from './sales.ts'
import { several } from './several.ts'
import { type BenchStack, type BenchStackOptions, startBenchStack } from './stack.ts'
import { printTable, type Row } from './table.ts'

/** On a fresh marketplace in one process. */
const onOne =
  (run: (stack: BenchStack) => Promise<Row | Row[]>, options: BenchStackOptions = {}) =>
  async () => {
    await using stack = await startBenchStack(options)
    return await run(stack)
  }
const runs: Record<string, () => Promise<Row | Row[]>> = {
  a: onOne(reserve),
  b: onOne(race),
  c: onOne(messageLatency),
  d: onOne(expiry),
  e: onOne(browse),
  f: onOne(sales),
  g: onOne(memory, { sandboxApart: false }),
  h: onOne(listen),
  i: onOne(pages),
  j: several,
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
  try {
    rows.push(...[await run()].flat())
  } catch (error) {
    console.error(error)
    rows.push({ name: `(${letter})`, ours: 'failed', reference: '', ratio: '', aim: (error as Error).message })
    process.exitCode = 1
  }
}
printTable(rows)
