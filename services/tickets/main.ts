import { run } from '@aisle/kit/boot/run'
import { tickets } from './service.ts'

await run(tickets)
