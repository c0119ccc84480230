// `npm run dev:web -- --api https://tickets.example`: the pages from their sources, with hot reload, and the API of a
// marketplace that runs elsewhere.

import { parseArgs } from 'node:util'
import { stopOnSignal } from '@aisle/kit/boot/lifecycle'
import { createLog } from '@aisle/kit/log'
import { startLiveWeb } from './live-web.ts'

const stopWithinMs = 9_000

try {
  const { values } = parseArgs({ options: { api: { type: 'string' }, port: { type: 'string', default: '5173' } } })
  if (values.api === undefined)
    throw new Error('The address of a marketplace is missing: npm run dev:web -- --api https://tickets.example.')
  const live = await startLiveWeb({ port: Number(values.port), apiUrl: values.api, log: createLog('web', 'warn') })
  stopOnSignal(() => live.stop(), stopWithinMs)
  console.log(`The pages are on ${live.url}, with the API of ${values.api}. Ctrl-C stops them.`)
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
