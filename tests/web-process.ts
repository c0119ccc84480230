// A web server in its own process: see separate-web.ts.

import { tracerOf } from '@aisle/dev/tracer'
import { createLog } from '@aisle/kit/log'
import { startWeb } from '@aisle/web/server/start-web'
import type { WebValues } from './separate-web.ts'

const { level, config, ...values } = JSON.parse(process.argv[2] ?? '') as WebValues
const logger = createLog('web', level)
const tracer = await tracerOf('web', config, logger)
const web = await startWeb({ ...values, port: 0, logger, tracer })
process.send?.(web.url)
// Stop requested, or the parent process is gone.
process.on('disconnect', () => web.stop().then(tracer.close))
