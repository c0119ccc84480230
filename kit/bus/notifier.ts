// Notifies readers that something was written to the outbox. It does so after the commit, on its own connection and
// at most once every few milliseconds: NOTIFY inside the hot transaction would serialise commits.

import { connect } from '../db/connect.ts'
import type { Log } from '../log.ts'

/**
 * Minimum interval between notifications. The first goes out at once; under load one covers everything written
 * since.
 */
const notifyEveryMs = 4

export type Notifier = { notify(): void; stop(): Promise<void> }

/**
 * Opens a notifier for the outbox of the database at `url`. `notify` returns at once and never throws: a failed
 * notification is logged and readers fall back to polling. `stop` drops a pending notification and closes the
 * connection.
 */
export function createNotifier(url: string, applicationName: string, log: Log): Notifier {
  const connection = connect(url, {
    max: 1,
    answerWithinMs: 10_000,
    idle_timeout: 30,
    connection: { application_name: `${applicationName} notifier` },
  })
  let timer: NodeJS.Timeout | null = null
  let lastAt = 0
  let current: Promise<unknown> = Promise.resolve()
  const notifyNow = () => {
    timer = null
    lastAt = performance.now()
    current = connection`select pg_notify('outbox', '')`.catch((error: unknown) =>
      log.warn({ err: error }, 'could not notify readers of the outbox; they will poll'),
    )
  }
  return {
    notify() {
      timer ??= setTimeout(notifyNow, Math.max(0, lastAt + notifyEveryMs - performance.now()))
    },
    async stop() {
      if (timer) clearTimeout(timer)
      await current
      await connection.end({ timeout: 2 })
    },
  }
}
