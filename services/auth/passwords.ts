// Passwords are kept as argon2id hashes (OWASP's parameters: 19 MiB, two passes), 8 ms each, computed off the main thread.

import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

// The library's default algorithm is argon2id.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export type Passwords = {
  hash(password: string): Promise<string>
  /** Whether `password` is the one of `stored`. The same work is done, and the answer is no, when there is no such user. */
  verify(stored: string | undefined, password: string): Promise<boolean>
}

export async function createPasswords(): Promise<Passwords> {
  const nobodys = await hash(randomBytes(32), cost)
  return {
    hash: (password) => hash(password, cost),
    async verify(stored, password) {
      const right = await verify(stored ?? nobodys, password)
      return right && stored !== undefined
    },
  }
}
