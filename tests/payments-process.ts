// The payments service in a process of its own, for tests that kill it. Configuration comes from the environment; it prints its address and runs.

import { services } from '@aisle/dev/stack'
import { environment } from '@aisle/kit/config'
import { createLog } from '@aisle/kit/log'
import { start } from '@aisle/kit/service'

const payments = services.find(({ name }) => name === 'payments')
if (!payments) throw new Error('There is no service payments.')
const running = await start(payments, environment(), { log: createLog('test', process.env.TEST_LOG ?? 'fatal') })
console.log(running.url)
