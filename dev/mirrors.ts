// `npm run mirrors`: compares every mirror with its source and prints the differences. On a marketplace at rest
// there are none.

import { compareMirrors } from './compare-mirrors.ts'
import { openRunning } from './running.ts'

async function main(): Promise<void> {
  await using running = await openRunning()
  const differences = await compareMirrors((service) => running.sql(service))
  for (const difference of differences) console.log(difference)
  console.log(
    differences.length === 0
      ? 'Every mirror equals its source.'
      : `${differences.length} differences. If messages are on their way, look again; else see "npm run messages".`,
  )
  process.exitCode = differences.length === 0 ? 0 : 1
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
