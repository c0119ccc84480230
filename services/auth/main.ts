import { run } from '@aisle/kit/boot/run'
import { auth } from './service.ts'

await run(auth)
