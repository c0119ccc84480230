// npm run histories: random histories of the whole marketplace, each fixed by its seed. docs/histories.md describes
// them.
//
//     npm run histories -- --count 1000               fresh seeds, from a number that is printed
//     npm run histories -- --count 1000 --from 5000   these seeds; --workers 2 at a time
//     npm run histories -- --count 1000 --minutes 14  starts none after that time; an incomplete run exits with 1
//     npm run histories -- --seed 5017                this one, with its steps; --steps prints them for all
//     npm run histories -- --count 100 --bus nats     over a broker
//     npm run histories -- --count 100 --replicas 2   with two processes of each service
//
// --bail ends with the first failure.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startTestBroker } from '@aisle/kit/testing/nats'
import { startTestPostgres } from '../test-postgres.ts'
import { type History, inWords } from './run-history.ts'
import type { FromWorker, ToWorker } from './worker.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: '100' },
    from: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000_000)) },
    workers: { type: 'string', default: '2' },
    steps: { type: 'boolean', default: false },
    bus: { type: 'string', default: 'postgres' },
    replicas: { type: 'string', default: '1' },
    bail: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '100000' },
  },
})
const number = (name: string, text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a whole number, not ${text}.`)
  return value
}
const alone = values.seed !== undefined
const from = alone ? number('seed', values.seed!) : number('from', values.from)
const count = alone ? 1 : number('count', values.count)
const untilMs = number('minutes', values.minutes) * 60_000
const workers = Math.min(count, number('workers', values.workers))
const replicas = number('replicas', values.replicas)

const server = await startTestPostgres()
const broker = values.bus === 'nats' ? await startTestBroker() : null
const began = performance.now()
const failed: number[] = []
let next = from
let done = 0
const ends = new Map<string, number>()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void stop().finally(() => process.exit(1)))

if (!alone) console.log(`histories ${from} to ${from + count - 1}, ${workers} at a time`)
try {
  await Promise.all(Array.from({ length: workers }, work))
} finally {
  await stop()
}
const seconds = (performance.now() - began) / 1000
const speed = `${seconds.toFixed(0)} s, ${((1_000 * seconds) / Math.max(1, done)).toFixed(0)} s for 1,000`
console.log(
  `${done} of ${count} histories, ${failed.length === 0 ? 'nothing wrong' : `${failed.length} wrong: ${failed.join(', ')}`} (${speed})`,
)
// With --bail the rest is left out on purpose.
const missing = values.bail && failed.length > 0 ? 0 : count - done
if (missing > 0) console.log(`This run is not whole: time was over before ${missing} of them were begun.`)
console.log(`orders: ${[...ends].map(([end, count]) => `${count} ${end}`).join(', ')}`)
process.exitCode = failed.length === 0 && missing === 0 ? 0 : 1

async function stop(): Promise<void> {
  await broker?.[Symbol.asyncDispose]()
  await server.stop()
}

async function work(): Promise<void> {
  const worker = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const say = (told: ToWorker) => worker.send(told)
  const { stop: _, ...address } = server
  say({ server: address, options: { busUrl: broker?.url ?? null, replicas } })
  worker.on('message', (told: FromWorker) => {
    const inTime = performance.now() - began < untilMs
    if ('ready' in told) say({ seed: inTime && next < from + count ? next++ : null })
    else heard(told.history)
  })
  const [code] = (await once(worker, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`A worker has ended with ${code}.`)
}

function heard(history: History): void {
  done += 1
  for (const [end, count] of Object.entries(history.ends)) ends.set(end, (ends.get(end) ?? 0) + count)
  const wrong = history.wrong.length > 0
  if (wrong) failed.push(history.seed)
  if (wrong && values.bail) next = from + count
  if (wrong || alone || values.steps) console.log(inWords(history))
  else if (done % 100 === 0)
    console.log(`${done} done, ${failed.length} wrong, ${((performance.now() - began) / 1000).toFixed(0)} s`)
}
