import { run } from '@aisle/kit/run'
import { payments } from './service.ts'

await run(payments)
