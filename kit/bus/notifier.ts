// Notifies readers that something was written to the outbox, and of which types. It does so after the commit, on its
// own connection and at most once every few milliseconds: NOTIFY inside the hot transaction would serialise commits.

import { connect } from '../db/connect.ts'
import type { Log } from '../log.ts'

/**
 * Minimum interval between notifications. The first goes out at once; under load one covers everything written
 * since.
 */
const notifyEveryMs = 4

/** Separates the types in a notification. */
const separator = ' '
/** The types that a notification names; none: there may be messages of any type. */
export const typesIn = (payload: string): string[] => payload.split(separator).filter(Boolean)

export type Notifier = { notify(types: readonly string[]): void; stop(): Promise<void> }

/**
 * Opens a notifier for the outbox of the database at `url`. `notify` names the types of the messages; it returns at
 * once and never throws: a failed notification is logged and readers fall back to polling. `stop` sends a pending
 * notification and closes the connection.
 */
export function createNotifier(url: string, applicationName: string, log: Log): Notifier {
  const connection = connect(url, {
    max: 1,
    answerWithinMs: 10_000,
    idle_timeout: 30,
    connection: { application_name: `${applicationName} notifier` },
  })
  let timer: NodeJS.Timeout | null = null
  const types = new Set<string>()
  let lastAt = Number.NEGATIVE_INFINITY
  let current: Promise<unknown> = Promise.resolve()
  const notifyNow = () => {
    timer = null
    lastAt = performance.now()
    const payload = [...types].join(separator)
    types.clear()
    current = connection`select pg_notify('outbox', ${payload})`.catch((error: unknown) =>
      log.warn({ err: error }, 'could not notify readers of the outbox; they will poll'),
    )
  }
  return {
    notify(written) {
      for (const type of written) types.add(type)
      if (timer) return
      const inMs = lastAt + notifyEveryMs - performance.now()
      // A timer of Node's takes a millisecond at least, and a sale has five hops.
      if (inMs <= 0) notifyNow()
      else timer = setTimeout(notifyNow, inMs)
    },
    async stop() {
      if (timer) {
        clearTimeout(timer)
        notifyNow()
      }
      await current
      await connection.end({ timeout: 2 })
    },
  }
}
