// A TCP port of 127.0.0.1 that is free at this moment. Another process may take it before the caller does. So it is
// none of the ports that the system assigns on its own, to every connection and to every server that names none,
// and a different one each time.

import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range that Linux (from 32768) and others assign from, above the ports that are usually taken. */
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
