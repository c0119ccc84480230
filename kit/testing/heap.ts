// How much memory is in use, for tests that check for leaks.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes on the heap that are still referenced. */
export function heapInUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
