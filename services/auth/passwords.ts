// Passwords are kept as argon2id hashes (OWASP's parameters: 19 MiB, two passes), 8 ms each, computed off the main thread.
//
// What is hashed is the password as RFC 8265 prepares it (OpaqueString): any blank is a space, and letters are
// composed, so that "é" is the same from every keyboard. Hashes from before were made of what was typed. They are still
// right, and replaced at the next sign-in.

import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

// The library's default algorithm is argon2id.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const currentCost = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`

export type Passwords = {
  hash(password: string): Promise<string>
  /**
   * Whether `password` is the one of `stored`, and whether `stored` should be replaced by a hash of today. The same
   * work is done, and the answer is no, when there is no such user.
   */
  verify(stored: string | undefined, password: string): Promise<{ isRight: boolean; isOutdated: boolean }>
}

const prepare = (password: string) => password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC')

export async function createPasswords(): Promise<Passwords> {
  const nobodys = await hash(randomBytes(32), cost)
  return {
    hash: (password) => hash(prepare(password), cost),
    async verify(stored, password) {
      const prepared = prepare(password)
      // One form for nearly everybody. The others are what a keyboard may have sent when an old hash was made.
      const forms = new Set([prepared, password, password.normalize('NFD')])
      for (const form of forms) {
        const isRight = (await verify(stored ?? nobodys, form)) && stored !== undefined
        if (isRight) return { isRight, isOutdated: form !== prepared || !stored.startsWith(currentCost) }
      }
      return { isRight: false, isOutdated: false }
    },
  }
}
