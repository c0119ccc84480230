// Ids that look like Stripe's: a prefix and 24 opaque characters. They begin with the time, so new rows go to
// the end of an index: random ids cost a third of the throughput.

import { randomFillSync } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
// 62^7 ms last until the year 2081.
const timeLength = 7

type Prefix = 'ch' | 'cs_test' | 'evt' | 'li' | 'pi' | 'pm' | 'price' | 'prod' | 're' | 'req' | 'txn'

/** A new id, such as `pi_3fJ...`. */
export function newId(prefix: Prefix, length = 24): string {
  return `${prefix}_${timeText()}${randomText(length - timeLength)}`
}

/** The secret that lets a browser, and no one else, view an intent. */
export function newClientSecret(intentId: string): string {
  return `${intentId}_secret_${randomText(25)}`
}

function timeText(): string {
  let rest = Date.now()
  let result = ''
  for (let digit = 0; digit < timeLength; digit += 1) {
    result = alphabet[rest % alphabet.length] + result
    rest = Math.floor(rest / alphabet.length)
  }
  return result
}

// Random bytes are fetched in bulk: fetching them per id took 7 % of all time.
const pool = Buffer.alloc(8192)
let used = pool.length

function randomText(length: number): string {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  let result = ''
  for (let index = 0; index < length; index += 1) result += alphabet[pool[used + index]! % alphabet.length]
  used += length
  return result
}
