// `npm run events -- republish --since 2h` has the services publish again what they have said since then, for a broker that lost its store.

import { parseArgs } from 'node:util'
import { republish } from '@aisle/kit/bus/republish'
import { openRunning } from './running.ts'
import { services } from './stack.ts'

const usage =
  'Usage: npm run events -- republish --since TIME-OR-DURATION [--service NAME], as in --since 2h or --since 2026-11-21T09:00:00Z'
const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A moment, or how long ago it was: `2026-11-21T09:00:00Z`, `90m`, `2h`, `7d`. */
export function readSince(text: string, now: Date): Date {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (amount && unit) return new Date(now.getTime() - Number(amount) * unitMs[unit]!)
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text)
  throw new Error(`"${text}" is neither a time nor a duration. ${usage}`)
}

async function main(): Promise<void> {
  const { action, since, names } = readArguments()
  if (action !== 'republish') throw new Error(usage)
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

function readArguments(): { action: string | undefined; since: string; names: readonly string[] } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { since: { type: 'string' }, service: { type: 'string' } },
  })
  const known = services.map(({ name }): string => name)
  if (values.since === undefined) throw new Error(usage)
  if (values.service !== undefined && !known.includes(values.service))
    throw new Error(`There is no service "${values.service}"; there are ${known.join(', ')}.`)
  return { action: positionals[0], since: values.since, names: values.service ? [values.service] : known }
}

if (import.meta.main)
  main().catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  })
