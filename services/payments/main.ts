import { run } from '@aisle/kit/boot/run'
import { payments } from './service.ts'

await run(payments)
