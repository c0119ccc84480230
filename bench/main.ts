// `npm run bench`, or with the letters of single rows: `npm run bench -- a f`. With --json FILE the numbers are
// written there as well. With --before REVISION rows a and f are compared with that commit, and with --peers row v runs
// another shop beside ours. docs/performance.md explains the rows.

import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare, compared } from './before.ts'
import { browse } from './browse.ts'
import { catchUp } from './catch-up.ts'
import { expiry } from './expiry.ts'
import { growth } from './growth.ts'
import { listen } from './listeners.ts'
import { lists } from './lists.ts'
import { describeCommit, describeMachine, sentenceOf } from './machine.ts'
import { memory } from './memory.ts'
import { messageLatency } from './messages.ts'
import { pages } from './pages.ts'
import { besideVendure } from './peer-vendure.ts'
import { race } from './race.ts'
import { reserve } from './reserve.ts'
import { sales } from './sales.ts'
import { several } from './several.ts'
import { signIn } from './sign-in.ts'
import { type BenchStack, type BenchStackOptions, startBenchStack } from './stack.ts'
import { failedRow, printTable, type Row } from './table.ts'
import { mails, telling } from './telling.ts'

type Run = () => Promise<Row | Row[]>

/** On a fresh marketplace in one process. */
const onOne =
  (run: (stack: BenchStack) => Promise<Row | Row[]>, options: BenchStackOptions = {}): Run =>
  async () => {
    await using stack = await startBenchStack(options)
    return await run(stack)
  }
const runs: Record<string, Run> = {
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
  k: onOne(lists),
  l: onOne(signIn),
  m: growth,
  n: onOne(catchUp),
  o: telling,
  p: mails,
}

const { values: options, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, before: { type: 'string' }, peers: { type: 'boolean' } },
})
const { before } = options
const possible: Record<string, Run> =
  before === undefined
    ? { ...runs, ...(options.peers ? { v: besideVendure } : {}) }
    : Object.fromEntries(compared.map((letter) => [letter, () => compare(before, letter)] as const))
const unknown = asked.filter((letter) => !possible[letter])
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(', ')}; there are ${Object.keys(possible).join(', ')}.`)
  process.exit(1)
}

// What goes wrong beside a row's own work ends neither the row nor the run, which fails all the same.
process.on('unhandledRejection', failed)

const machine = await describeMachine()
const commit = await describeCommit(fileURLToPath(new URL('..', import.meta.url)))
console.log(`${sentenceOf(machine)}; commit ${commit.id}${commit.isChanged ? ', changed' : ''}\n`)

const rows: Row[] = []
for (const [letter, run] of Object.entries(possible)) {
  if (asked.length > 0 && !asked.includes(letter)) continue
  console.error(`(${letter}) ...`)
  try {
    rows.push(...[await run()].flat())
  } catch (error) {
    failed(error)
    rows.push(failedRow(`(${letter})`, error))
  }
}
printTable(rows)
if (options.json) {
  const result = { date: new Date().toISOString(), commit, machine, rows }
  await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
}

function failed(error: unknown): void {
  console.error(error)
  process.exitCode = 1
}
