// npm run upgrade: replaces every replica of the distributed stack, one after the other, by the next version of
// the code while people buy, with a migration first. No one may notice.

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import type { Replica } from '@aisle/dev/distributed-stack'
import { services } from '@aisle/dev/stack'
import { randomOf } from '../histories/random.ts'
import { startBrokenStack } from './broken-stack.ts'
import { isNextVersion, makeNextVersion, repository } from './next-version.ts'
import { recover } from './recover.ts'
import { startShopping } from './shoppers.ts'

const run = promisify(execFile)
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    shoppers: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '15' },
  },
})
const seed = Number(values.seed)
/** How long it takes at the end until no order can still be paid. */
const windowSeconds = 10

const folder = await mkdtemp(join(tmpdir(), 'aisle-upgrade-'))
const next = join(folder, 'next')
await makeNextVersion(next)
const stack = await startBrokenStack({ dataDir: join(folder, 'data'), windowSeconds })
const end = () => stack.end().finally(() => rm(folder, { recursive: true, force: true }))
let unwilling: string[] = []
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void end().finally(() => process.exit(1)))
const wrong: string[] = []
try {
  console.log(`seed ${seed}`)
  const shopping = startShopping(stack.url, Number(values.shoppers), (nth) => randomOf(seed * 1_000 + nth))
  const rows: Phase[] = []
  const phase = async (name: string, what: () => Promise<unknown>) => {
    const [began, before, sold] = [performance.now(), { ...shopping.calls }, shopping.sold]
    await what()
    const seconds = (performance.now() - began) / 1000
    const { made, again } = shopping.calls
    rows.push({ name, seconds, calls: made - before.made, again: again - before.again, sold: shopping.sold - sold })
  }
  const programs = stack.replicas
  const ofOrders = programs.filter(({ program }) => program === 'orders')
  const last = ofOrders.at(-1)!
  const replace = async (replica: Replica, root?: string) => {
    const trouble = await stack.replace(replica, root)
    if (trouble) wrong.push(trouble)
  }
  const isNext = () => Promise.all(programs.map(({ origin }) => isNextVersion(origin)))

  await phase('before', () => sleep(Number(values.seconds) * 1000))
  await phase('migrations', async () => {
    for (const { name } of services)
      await run(process.execPath, [join(next, `services/${name}/main.ts`), 'migrate'], {
        env: { ...process.env, DATABASE_URL: stack.databaseUrl(name), LOG_LEVEL: 'fatal' },
      })
  })
  await phase('the old orders started again', async () => {
    for (const replica of ofOrders) await replace(replica)
  })
  if ((await isNext()).includes(true)) wrong.push('A replica ran the next version before it was replaced.')
  await phase(`${programs.length} replicas replaced`, async () => {
    for (const replica of programs) await replace(replica, next)
  })
  const missed = (await isNext()).flatMap((is, nth) => (is ? [] : [programs[nth]!.name]))
  if (missed.length > 0) wrong.push(`These do not run the next version: ${missed.join()}`)
  await phase(`${last.name} back, and on again`, async () => {
    await replace(last, repository)
    if (await isNextVersion(last.origin)) wrong.push(`${last.name} did not go back.`)
    await replace(last, next)
  })
  await phase('after', () => sleep(Number(values.seconds) * 1000))

  await shopping.stop()
  const { left } = await recover.quiet(stack, windowSeconds)
  wrong.push(
    ...shopping.wrong,
    ...left,
    ...(await shopping.brokenPromises(stack)),
    ...(await recover.wrong(stack)),
    ...aboveBefore(rows),
  )
  console.log(
    [
      '| phase | seconds | calls | made again | tickets sold |',
      '|---|---:|---:|---:|---:|',
      ...rows.map(
        ({ name, seconds, calls, again, sold }) =>
          `| ${name} | ${seconds.toFixed(1)} | ${calls} | ${again} | ${sold} |`,
      ),
      ...shopping.reasons.map((reason) => `made again: ${reason}`),
      wrong.length === 0 ? 'nothing wrong' : `${wrong.length} wrong:\n  ${wrong.join('\n  ')}`,
    ].join('\n'),
  )
} finally {
  unwilling = await end()
  if (unwilling.length > 0) console.log(`at the end: ${unwilling.join('; ')}`)
}
process.exit(wrong.length + unwilling.length === 0 ? 0 : 1)

type Phase = { name: string; seconds: number; calls: number; again: number; sold: number }

/** The share of repeated calls must not exceed what it was before. */
function aboveBefore([before, ...later]: readonly Phase[]): string[] {
  const share = ({ calls, again }: Phase) => (calls === 0 ? 0 : again / calls)
  return later
    .filter((phase) => before && share(phase) > share(before))
    .map(({ name, calls, again }) => `${again} of ${calls} calls had to be made again (${name})`)
}
