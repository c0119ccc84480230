// The payments service in a process of its own, for tests that kill it. Configuration comes from the environment; it prints its address and runs.
// CLOCK_AHEAD_MS is how far the test's clock is ahead of this machine's.

import { services } from '@aisle/dev/stack'
import { type Clock, systemClock } from '@aisle/kit/clock'
import { environment } from '@aisle/kit/config'
import { createLog } from '@aisle/kit/log'
import { start } from '@aisle/kit/service'

const payments = services.find(({ name }) => name === 'payments')
if (!payments) throw new Error('There is no service payments.')
const values = environment()
const aheadMs = Number(values.CLOCK_AHEAD_MS ?? 0)
const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) }
const running = await start(payments, values, { clock, log: createLog('test', process.env.TEST_LOG ?? 'fatal') })
console.log(running.url)
