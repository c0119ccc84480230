import { run } from '@aisle/kit/boot/run'
import { orders } from './service.ts'

await run(orders)
