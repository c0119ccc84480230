import { run } from '@aisle/kit/boot/run'
import { notices } from './service.ts'

await run(notices)
