// Version-7 UUIDs (RFC 9562): they sort by time, so indexes grow at one end and the newest is the greatest.

import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const bytesAnId = 16
// One call for random bytes costs many times as much as the rest of an id; this many ids share one.
const pool = new Uint8Array(bytesAnId * 256)
let used = pool.length

/** A new id by this machine's clock; the ids of one process are strictly increasing. */
export const newId: () => string = idsBy(Date.now)

/** Makes ids by the clock `now`, in milliseconds since 1970; each is greater than the one before. */
export function idsBy(now: () => number): () => string {
  let lastMs = 0
  let sequence = 0
  return () => {
    const random = randomBytes()
    const nowMs = now()
    if (nowMs > lastMs) {
      lastMs = nowMs
      // Starts low enough that the ids of one millisecond cannot overflow it.
      sequence = ((random[0]! << 16) | (random[1]! << 8) | random[2]!) & 0xffffff
    } else sequence++
    return v7({ random, msecs: lastMs, seq: sequence })
  }
}

/** When an id was made, in milliseconds since 1970 by the clock of its maker; NaN for text that is not an id. */
export const madeAtMs = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)

/** The least id that could have been made at `ms`, in milliseconds since 1970. */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

function randomBytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const random = pool.subarray(used, used + bytesAnId)
  used += bytesAnId
  return random
}
