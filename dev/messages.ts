// `npm run messages` lists failed messages; `npm run messages -- replay all`, or with one id, retries dead letters.

import { listParked, replayParked } from '@aisle/kit/bus/parking'
import { openRunning } from './running.ts'
import { services } from './stack.ts'

const usage = 'Usage: npm run messages [-- list | replay all | replay MESSAGE-ID]'

async function main([action = 'list', which]: string[]): Promise<void> {
  if (action !== 'list' && !(action === 'replay' && which)) throw new Error(usage)
  await using running = await openRunning()
  let count = 0
  for (const { name } of services) {
    const sql = running.sql(name)
    if (action === 'replay') {
      count += await replayParked(sql, which ?? '')
      continue
    }
    for (const { messageId, publisher, state, tries, error, since, message } of await listParked(sql)) {
      count++
      console.log(
        `${name}  ${state} since ${since.toISOString()} after ${tries} tries  ${message?.type ?? 'unreadable'} from ${publisher}\n  id ${messageId}  subject ${message?.subject ?? 'unknown'}\n  ${error}`,
      )
    }
  }
  if (action === 'list')
    console.log(
      count === 0
        ? 'No message is set aside.'
        : `${count} set aside. Try them again with "npm run messages -- replay all".`,
    )
  else console.log(`${count} will be tried again.`)
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
