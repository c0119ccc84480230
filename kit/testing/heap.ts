// How much memory is in use, for tests that something does not pile up.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes on the heap that something still refers to. */
export function heapInUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
