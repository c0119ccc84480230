import { run } from '@aisle/kit/run'
import { auth } from './service.ts'

await run(auth)
