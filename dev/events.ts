// For a broker, or a listener's database, that has lost something:
//
//     npm run events -- republish --since 2h      the services publish everything since then again, as far as their
//                                                 outboxes keep it
//     npm run events -- snapshot tickets          a service emits the state of each of its things again, however
// old

import { parseArgs } from 'node:util'
import type { AnyService } from '@aisle/kit/boot/service'
import { republish } from '@aisle/kit/bus/republish'
import { snapshotOf } from '@aisle/kit/bus/snapshot'
import { openRunning } from './running.ts'
import { services } from './stack.ts'

const usage = [
  'Usage: npm run events -- republish --since TIME-OR-DURATION [--service NAME], as in --since 2h or --since 2026-11-21T09:00:00Z',
  '       npm run events -- snapshot NAME',
].join('\n')
const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A time, or how long ago it was: `2026-11-21T09:00:00Z`, `90m`, `2h`, `7d`. */
/** A moment, or how long ago it was: `2026-11-21T09:00:00Z`, `90m`, `2h`, `7d`. */
export function readSince(text: string, now: Date): Date {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (amount && unit) return new Date(now.getTime() - Number(amount) * unitMs[unit]!)
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text)
  throw new Error(`"${text}" is neither a time nor a duration. ${usage}`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { since: { type: 'string' }, service: { type: 'string' } },
  })
  const [action, subject] = positionals
  switch (action) {
    case 'republish':
      return publishAgain(values.since, values.service)
    case 'snapshot':
      return sayAll(subject)
    default:
      throw new Error(usage)
  }
}

async function publishAgain(since: string | undefined, service: string | undefined): Promise<void> {
  if (since === undefined) throw new Error(usage)
  const names = service === undefined ? services.map(({ name }) => name) : [known(service).name]
  const from = readSince(since, new Date())
  await using running = await openRunning()
  for (const name of names) {
    const count = await republish(running.sql(name), from)
    console.log(
      count === null
        ? `${name}: has never published to a broker; there is nothing to publish again.`
        : `${name}: ${count} messages since ${from.toISOString()} are published again.`,
    )
  }
}

async function sayAll(service: string | undefined): Promise<void> {
  if (service === undefined) throw new Error(usage)
  const { name, snapshot } = known(service)
  if (!snapshot) throw new Error(`${name} keeps nothing that others have a copy of.`)
  await using running = await openRunning()
  const count = await snapshotOf(running.url(name), name, snapshot)
  console.log(`${name}: the state of ${count} things is said again.`)
}

function known(service: string): AnyService {
  const found = services.find(({ name }) => name === service)
  if (!found)
    throw new Error(`There is no service "${service}"; there are ${services.map(({ name }) => name).join(', ')}.`)
  return found
}

if (import.meta.main)
  main().catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  })
