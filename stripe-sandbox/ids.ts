// Ids that look like Stripe's: a prefix and 24 characters without meaning.

import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A new id, such as `pi_3fJ...`. */
export function newId(prefix: 'ch' | 'evt' | 'pi' | 'pm' | 're' | 'req' | 'txn', length = 24): string {
  return `${prefix}_${randomText(length)}`
}

/** What lets a browser, and nobody else, look at an intent. */
export function newClientSecret(intentId: string): string {
  return `${intentId}_secret_${randomText(25)}`
}

function randomText(length: number): string {
  let result = ''
  for (const byte of randomBytes(length)) result += alphabet[byte % alphabet.length]
  return result
}
