// npm run bench -- --before REVISION a f: reservations and whole sales of another commit and of this one, in turns on
// the same machine. What measures is this commit's; only the stack is the other's.

import { checkOut } from './other-commit.ts'
import { openReservations } from './reserve.ts'
import { openCrowd, type Round } from './sales.ts'
import { type BenchStack, startBenchStack } from './stack.ts'
import { median, ms, perSecond, type Row, spread } from './table.ts'

const rounds = 4

type Compared = (before: BenchStack, after: BenchStack) => Promise<Row[]>

const comparisons: Readonly<Record<string, Compared>> = { a: compareReservations, f: compareSales }

/** The rows that can be compared. */
export const compared = Object.keys(comparisons)

/** Each row on a fresh pair of stacks, of which one rests while the other is measured. */
export async function compare(revision: string, letter: string): Promise<Row[]> {
  await using other = await checkOut(revision)
  await using before = await startBenchStack({ root: other.root })
  await using after = await startBenchStack()
  return (await comparisons[letter]!(before, after)).map((row) => ({ ...row, name: `${row.name}, since ${revision}` }))
}

async function compareReservations(before: BenchStack, after: BenchStack): Promise<Row[]> {
  await using one = await openReservations(before)
  await using other = await openReservations(after)
  const loads = await inTurns(one.round, other.round)
  const [was, is] = [loads.before, loads.after].map((those) => those.map((load) => load.perSecond))
  return [{ name: '(a) POST /api/orders, 64 connections', ...rates(was!, is!), aim: '' }]
}

async function compareSales(before: BenchStack, after: BenchStack): Promise<Row[]> {
  const [one, other] = [await openCrowd(before), await openCrowd(after)]
  const alone = await inTurns(one.oneAlone, other.oneAlone)
  const crowd = await inTurns(one.round, other.round)
  one.close()
  other.close()
  const of = (figure: (round: Round) => number) => ({
    before: crowd.before.map(figure),
    after: crowd.after.map(figure),
  })
  const sold = of(({ drainedRate }) => drainedRate)
  const ours = of(({ msASale: { node, servers } }) => node + servers)
  const withSandbox = of(({ msASale: { node, servers, sandbox } }) => node + servers + sandbox)
  return [
    { name: '(f) whole sales, 32 buyers', ...rates(sold.before, sold.after), aim: 'at least 3 x as many' },
    {
      name: '(f) processor time of a sale, sandbox apart',
      ...times(ours.before, ours.after),
      aim: 'at most a third',
    },
    {
      name: '(f) the same, with the sandbox',
      ...times(withSandbox.before, withSandbox.after),
      aim: 'at most a third',
    },
    {
      name: '(f) one buyer alone, p50',
      ...times(alone.before.map(median), alone.after.map(median)),
      aim: 'under 40 ms',
    },
  ]
}

/** Before, after, before, after ... */
async function inTurns<T>(before: () => Promise<T>, after: () => Promise<T>): Promise<{ before: T[]; after: T[] }> {
  const seen: { before: T[]; after: T[] } = { before: [], after: [] }
  for (let round = 0; round < rounds; round++) {
    seen.before.push(await before())
    seen.after.push(await after())
  }
  return seen
}

type Difference = Pick<Row, 'ours' | 'reference' | 'ratio' | 'figures'>

const rates = (before: number[], after: number[]): Difference => ({
  ...both(before, after, perSecond),
  ratio: `${(median(after) / median(before)).toFixed(2)} x as many`,
})

const times = (before: number[], after: number[]): Difference => ({
  ...both(before, after, ms),
  ratio: `${(median(after) / median(before)).toFixed(2)} x as long`,
})

const both = (before: number[], after: number[], shown: (value: number) => string) => ({
  ours: `after: ${spread(after, shown)}`,
  reference: `before: ${spread(before, shown)}`,
  figures: { before, after },
})
