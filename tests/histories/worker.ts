// A process that runs the histories of the seeds it receives, for main.ts.

import { on } from 'node:events'
import type { TestServer } from '@aisle/kit/testing/databases'
import { runHistories } from './run-histories.ts'
import type { History } from './run-history.ts'
import type { TheatreOptions } from './theatre.ts'

export type ToWorker = { server: TestServer; options: TheatreOptions } | { seed: number | null }
export type FromWorker = { ready: true } | { history: History }

const tell = (told: FromWorker) => process.send?.(told)
process.on('disconnect', () => process.exit())

const messages = on(process, 'message') as AsyncIterableIterator<[ToWorker]>
const { value } = await messages.next()
const [first] = value as [ToWorker]
if (!('server' in first)) throw new Error('The first message must say where the databases are.')

async function* seeds(): AsyncGenerator<number> {
  for (;;) {
    tell({ ready: true })
    const { value } = await messages.next()
    const [message] = value as [ToWorker]
    if (!('seed' in message) || message.seed === null) return
    yield message.seed
  }
}
await runHistories(first.server, seeds(), (history) => tell({ history }), first.options)
process.disconnect()
