import { run } from '@aisle/kit/run'
import { expiration } from './service.ts'

await run(expiration)
