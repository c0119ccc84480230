// One service in its own process, for tests that kill it: see separate-service.ts. Its clock stands still until
// the parent moves it.

import { flushCompileCache } from 'node:module'
import type { AnyService } from '@aisle/kit/boot/service'
import type { Running } from '@aisle/kit/boot/start'
import type { TestClock } from '@aisle/kit/testing/test-clock'
import type { Asked, Request, Told } from './separate-service.ts'

const name = process.argv[2] ?? ''
const loaded = load()
let clock: TestClock | null = null
/** The parent's latest time; until there is a clock, the time with which it will start. */
let latest = 0
let jobs = 0
let running: Running | null = null

// Requests of one parent are answered in order, except for those that wait.
process.on('message', ({ id, ...asked }: Request) =>
  answer(asked).then(
    (value) => tell({ id, value }),
    (error: unknown) => tell({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  ),
)
// The parent process is gone.
process.on('disconnect', () => process.exit())

/** Loads the code of this service only: that takes 0.25 s of CPU; all five would take 0.7. */
async function load() {
  const [{ newId }, { createLog }, { start }, { jobsByClock, testClock, untilAtRest }, service] = await Promise.all([
    import('@aisle/kit/time/ids'),
    import('@aisle/kit/log'),
    import('@aisle/kit/boot/start'),
    import('@aisle/kit/testing/test-clock'),
    import(`@aisle/${name}/service`) as Promise<Record<string, AnyService>>,
    name === 'payments' ? hurryStripe() : undefined,
  ])
  // A killed process writes nothing at its end.
  flushCompileCache()
  return { newId, createLog, start, jobsByClock, testClock, untilAtRest, definition: service[name]! }
}

/** The SDK pauses for half a second before it retries a call; here no server needs to be spared. */
async function hurryStripe(): Promise<void> {
  const { default: Stripe } = await import('stripe')
  Object.assign(Stripe.prototype, { getInitialNetworkRetryDelay: () => 0.01, getMaxNetworkRetryDelay: () => 0.05 })
}

function tell(told: Told): void {
  process.send?.(told)
}

async function answer(asked: Asked): Promise<string | boolean> {
  switch (asked.do) {
    case 'start': {
      const { newId, createLog, start, jobsByClock, testClock, definition } = await loaded
      const time = testClock(new Date(Math.max(asked.now, latest)))
      clock = time
      jobs = jobsByClock(definition)
      running = await start(definition, asked.values, {
        clock: time,
        // By this machine's clock, so that ids of several replicas sort by creation although the test's clock
        // stands still.
        ...(asked.idsByClock ? {} : { newId }),
        log: createLog('test', process.env.TEST_LOG ?? 'fatal'),
      })
      return running.url
    }
    case 'advance':
      latest = asked.to
      if (clock) clock.advance(Math.max(0, asked.to - clock.now().getTime()))
      return true
    case 'rest': {
      const { untilAtRest } = await loaded
      return clock === null || untilAtRest(clock, jobs)
    }
    case 'stop':
      await running?.stop()
      return true
    default:
      return asked satisfies never
  }
}
