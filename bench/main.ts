// `npm run bench`, or with the letters of single rows: `npm run bench -- a f`.

import { sales } from './sales.ts'
import { startBenchStack } from './stack.ts'
import { printTable, type Row } from './table.ts'

const wanted = process.argv.slice(2)
const rows: Row[] = []
const runs: [string, () => Promise<Row | Row[]>][] = [
  [
    'f',
    async () => {
      await using stack = await startBenchStack()
      return await sales(stack)
    },
  ],
]
for (const [letter, run] of runs) {
  if (wanted.length > 0 && !wanted.includes(letter)) continue
  console.error(`(${letter}) ...`)
  rows.push(...[await run()].flat())
}
printTable(rows)
