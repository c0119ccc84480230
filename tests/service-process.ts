// One service in a process of its own, for tests that kill it: see separate-service.ts. Its clock stands still until the parent moves it.

import { setTimeout as sleep } from 'node:timers/promises'
import { services } from '@aisle/dev/stack'
import { idsBy } from '@aisle/kit/ids'
import { createLog } from '@aisle/kit/log'
import { start } from '@aisle/kit/service'
import { type TestClock, testClock } from '@aisle/kit/testing/test-clock'
import Stripe from 'stripe'
import type { Asked, Request, Told } from './separate-service.ts'

/** A job that waits for the provider may take longer than anyone wants to wait for it. */
const restPatienceMs = 3_000

// The SDK pauses for half a second before it repeats a call; here nobody has to be spared.
Object.assign(Stripe.prototype, { getInitialNetworkRetryDelay: () => 0.01, getMaxNetworkRetryDelay: () => 0.05 })

const tell = (told: Told) => process.send?.(told)
let clock: TestClock | null = null
let jobs = 0

// Requests of one parent are answered in order, except for those that wait.
process.on('message', ({ id, ...asked }: Request) =>
  answer(asked).then(
    (value) => tell({ id, value }),
    (error: unknown) => tell({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  ),
)
// Whoever started this process is gone.
process.on('disconnect', () => process.exit())

async function answer(asked: Asked): Promise<string | boolean> {
  switch (asked.do) {
    case 'start': {
      const definition = services.find(({ name }) => name === asked.service)
      if (!definition) throw new Error(`There is no service ${asked.service}.`)
      const time = testClock(new Date(asked.now))
      clock = time
      jobs = definition.jobs?.length ?? 0
      const running = await start(definition, asked.values, {
        clock: time,
        newId: idsBy(() => time.now().getTime()),
        log: createLog('test', process.env.TEST_LOG ?? 'fatal'),
      })
      return running.url
    }
    case 'advance':
      if (clock) clock.advance(Math.max(0, asked.to - clock.now().getTime()))
      return true
    case 'rest': {
      const until = performance.now() + restPatienceMs
      while (clock && clock.waiting() < jobs && performance.now() < until) await sleep(2)
      return clock === null || clock.waiting() >= jobs
    }
    default:
      return asked satisfies never
  }
}
