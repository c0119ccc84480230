import { run } from '@aisle/kit/boot/run'
import { expiration } from './service.ts'

await run(expiration)
