import { run } from '@aisle/kit/run'
import { tickets } from './service.ts'

await run(tickets)
