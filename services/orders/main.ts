import { run } from '@aisle/kit/run'
import { orders } from './service.ts'

await run(orders)
