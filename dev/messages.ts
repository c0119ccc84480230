// `npm run messages` lists failed messages and work; `npm run messages -- replay all`, or with one id, retries dead
// letters.

import { listFailedMessages, replayMessages } from '@aisle/kit/bus/failed-messages'
import { listFailedWork, replayWork } from '@aisle/kit/work/failed-work'
import { openRunning } from './running.ts'
import { services } from './stack.ts'

const usage = 'Usage: npm run messages [-- list | replay all | replay ID]'

async function main([action = 'list', which]: string[]): Promise<void> {
  if (action !== 'list' && !(action === 'replay' && which)) throw new Error(usage)
  await using running = await openRunning()
  let count = 0
  for (const { name } of services) {
    const sql = running.sql(name)
    if (action === 'replay') {
      count += (await replayMessages(sql, which ?? '')) + (await replayWork(sql, which ?? ''))
      continue
    }
    for (const { messageId, publisher, state, tries, error, since, message } of await listFailedMessages(sql)) {
      count++
      console.log(
        `${name}  ${state} since ${since.toISOString()} after ${tries} tries  ${message?.type ?? 'unreadable'} from ${publisher}\n  id ${messageId}  subject ${message?.subject ?? 'unknown'}\n  ${error}`,
      )
    }
    for (const { key, subject, state, tries, error, since } of await listFailedWork(sql)) {
      count++
      console.log(
        `${name}  ${state} since ${since.toISOString()} after ${tries} tries\n  work ${key}  subject ${subject}\n  ${error}`,
      )
    }
  }
  if (action === 'list')
    console.log(
      count === 0
        ? 'No message and no work has failed.'
        : `${count} have failed. Retry those that were given up with "npm run messages -- replay all".`,
    )
  else console.log(`${count} will be retried.`)
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
