// Reading what another service made a moment ago: its message is a few milliseconds behind the person who follows a link to it.

import { setTimeout as sleep } from 'node:timers/promises'

const patienceMs = 1_000
const lookEveryMs = 10
/** An id older than this has been heard of long ago, or is not one. */
const recentMs = 10_000

/** Calls `read` until it finds something, for up to a second if `id`, a version-7 UUID, was made in the last ten; else once. */
export async function soon<T>(id: string, now: Date, read: () => Promise<T | null>): Promise<T | null> {
  const madeAt = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  const recent = Math.abs(now.getTime() - madeAt) < recentMs
  const until = performance.now() + patienceMs
  for (;;) {
    const found = await read()
    if (found !== null || !recent || performance.now() > until) return found
    await sleep(lookEveryMs)
  }
}
