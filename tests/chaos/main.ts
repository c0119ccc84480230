// npm run chaos: sales on the distributed stack while everything breaks, driven by a seed. docs/chaos.md describes what
// it does and what it found.
//
//     npm run chaos -- --faults 30             a fresh seed, which is printed
//     npm run chaos -- --faults 30 --seed 7    the same faults to the same parts

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { randomOf } from '../histories/random.ts'
import { startBrokenStack } from './broken-stack.ts'
import { planFaults } from './faults.ts'
import { recover } from './recover.ts'
import { startShopping } from './shoppers.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    faults: { type: 'string', default: '20' },
    shoppers: { type: 'string', default: '4' },
  },
})
const seed = Number(values.seed)
/** Short, so that reservations run out while things are broken. */
const windowSeconds = 20
/** Nothing may take longer to heal on its own. */
const aimSeconds = 30
/** The number of sales between two faults: a run with hardly any sales proves nothing. */
const salesBetween = 3
const salesWithinMs = 60_000

const stack = await startBrokenStack({ dataDir: await mkdtemp(join(tmpdir(), 'aisle-chaos-')), windowSeconds })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void stack.end().finally(() => process.exit(1)))
let wrong: string[] = []
let unwilling: string[] = []
try {
  const random = randomOf(seed)
  console.log(`seed ${seed}`)
  const shopping = startShopping(stack.url, Number(values.shoppers), (nth) => randomOf(seed * 1_000 + nth))
  const began = performance.now()
  const at = () => `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`
  const slow: string[] = []
  const sell = async (after: string) => {
    const until = performance.now() + salesWithinMs
    const wanted = shopping.sold + salesBetween
    while (shopping.sold < wanted && performance.now() < until) await sleep(100)
    if (shopping.sold < wanted)
      slow.push(`fewer than ${salesBetween} sales in ${salesWithinMs / 1000} s after: ${after}`)
  }
  await sell('the start')
  for (const { name, fault, pauseMs, lastsMs } of planFaults(random, stack, Number(values.faults))) {
    await sleep(pauseMs)
    console.log(`${at()}  ${name} (${(lastsMs / 1000).toFixed(1)} s)`)
    const beganAt = performance.now()
    await fault.begin()
    await sleep(lastsMs)
    await fault.end()
    if (fault.loses) shopping.loses(beganAt)
    await sell(name)
  }
  const { sellingMs } = await recover.selling(stack)
  await shopping.stop()
  console.log(`${at()}  the shop is closed`)
  const { quietMs, left, last } = await recover.quiet(stack, windowSeconds, console.log)
  const { made, again } = shopping.calls
  const late = Math.max(sellingMs, quietMs) > aimSeconds * 1000 ? [`it took longer than ${aimSeconds} s to heal`] : []
  const lost = await shopping.lost(stack)
  wrong = [
    ...shopping.wrong,
    ...slow,
    ...left,
    ...late,
    ...(await shopping.brokenPromises(stack)),
    ...(await recover.wrong(stack, lost)),
  ]
  console.log(
    [
      `${shopping.sold} tickets sold; ${made} calls, of which ${again} had to be made again`,
      ...(lost.tickets.length > 0
        ? [`${lost.tickets.length} tickets were in hand while a database was taken back`]
        : []),
      `after the last fault a sale went through in ${(sellingMs / 1000).toFixed(1)} s (aim: under ${aimSeconds} s), all was quiet ${(quietMs / 1000).toFixed(1)} s after the last customer's window`,
      `last under way: ${last.join('; ') || 'nothing'}`,
      wrong.length === 0 ? 'nothing wrong' : `${wrong.length} wrong:\n  ${wrong.join('\n  ')}`,
    ].join('\n'),
  )
} finally {
  unwilling = await stack.end()
  if (unwilling.length > 0) console.log(`at the end: ${unwilling.join('; ')}`)
}
process.exit(wrong.length + unwilling.length === 0 ? 0 : 1)
