// Says that something was written to the outbox. After the commit, on a connection of its own and at most every few milliseconds: NOTIFY inside
// the hot transaction would serialise commits.

import { connect } from '../db/connect.ts'
import type { Log } from '../log.ts'

/** The first word goes out at once; under load one stands for all that was written in this time. */
const announceEveryMs = 4

export type Announcer = { announce(): void; stop(): Promise<void> }

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
