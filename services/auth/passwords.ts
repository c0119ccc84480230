// Passwords are stored as argon2id hashes (OWASP's parameters: 19 MiB, two passes). A hash takes 8 ms, off the
// main thread.
//
// The hash covers the password as RFC 8265 prepares it (OpaqueString): every kind of blank becomes a space and
// letters are composed, so "é" is the same from every keyboard. Older hashes were made from the password as
// typed. They are still accepted, and replaced at the next sign-in.

import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** What a hash costs. The library's default algorithm is argon2id. */
export const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const currentCost = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`

export type Passwords = {
  hash(password: string): Promise<string>
  /**
   * Whether `password` matches `stored`, and whether `stored` should be replaced by a current hash. Without
   * such a user, or with the empty hash of an erased one, it does the same work and answers no.
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
      // Almost always there is only one form. The others are what a keyboard may have sent when an old hash was
      // made.
      const forms = new Set([prepared, password, password.normalize('NFD')])
      for (const form of forms) {
        const isRight = (await verify(stored || nobodys, form)) && Boolean(stored)
        if (stored && isRight) return { isRight, isOutdated: form !== prepared || !stored.startsWith(currentCost) }
      }
      return { isRight: false, isOutdated: false }
    },
  }
}
