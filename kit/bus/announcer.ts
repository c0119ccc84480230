// Notifies readers that something was written to the outbox. It does so after the commit, on its own connection and
// at most once every few milliseconds: NOTIFY inside the hot transaction would serialise commits.

import { connect } from '../db/connect.ts'
import type { Log } from '../log.ts'

/**
 * Minimum interval between notifications. The first goes out at once; under load one covers everything written
 * since.
 */
const announceEveryMs = 4

export type Announcer = { announce(): void; stop(): Promise<void> }

/**
 * Opens a notifier for the outbox of the database at `url`. `announce` returns at once and never throws: a failed
 * notification is logged and readers fall back to polling. `stop` drops a pending notification and closes the
 * connection.
 */
export function createAnnouncer(url: string, applicationName: string, log: Log): Announcer {
  const connection = connect(url, {
    max: 1,
    answerWithinMs: 10_000,
    idle_timeout: 30,
    connection: { application_name: `${applicationName} announcer` },
  })
  let timer: NodeJS.Timeout | null = null
  let lastAt = 0
  let current: Promise<unknown> = Promise.resolve()
  const announceNow = () => {
    timer = null
    lastAt = performance.now()
    current = connection`select pg_notify('outbox', '')`.catch((error: unknown) =>
      log.warn({ err: error }, 'could not announce the outbox; readers will poll'),
    )
  }
  return {
    announce() {
      timer ??= setTimeout(announceNow, Math.max(0, lastAt + announceEveryMs - performance.now()))
    },
    async stop() {
      if (timer) clearTimeout(timer)
      await current
      await connection.end({ timeout: 2 })
    },
  }
}
