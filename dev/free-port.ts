// A TCP port of 127.0.0.1 that nobody uses at this moment. Somebody may take it before its caller does: so it is none of those that the system gives out by
// itself, to every connection and every server that names none, and a different one each time.

import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what Linux (from 32768) and others give out, above what is usually somebody's. */
const [first, last] = [15_000, 31_999]
const tries = 100

/** `preferred` if it is free, else any. */
export async function freePort(preferred = 0): Promise<number> {
  if (preferred !== 0 && (await isFree(preferred))) return preferred
  for (let tried = 0; tried < tries; tried++) {
    const port = randomInt(first, last + 1)
    if (await isFree(port)) return port
  }
  throw new Error(`There is no free TCP port between ${first} and ${last}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' || code === 'EACCES') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
