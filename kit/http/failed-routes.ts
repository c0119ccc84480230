// Every service lets an admin list its failed messages and work, and replay its dead letters.

import { failedEndpoints } from '@aisle/contracts/api/messages'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { FailedItem } from '@aisle/contracts/entities'
import { listFailedMessages, replayMessages } from '../bus/failed-messages.ts'
import type { Database, Sql } from '../db/database.ts'
import { listFailedWork, replayWork } from '../work/failed-work.ts'
import type { Audit } from './audit.ts'
import { answer, procedure, query, type Route } from './route.ts'

const shownAtOnce = 100

/** The routes of `service` that list failed messages and work, at most 100 of each, and replay dead letters. */
export function failedRoutes<S extends { readonly db: Database; readonly audit: Audit }>(
  service: ServiceName,
): Route<S>[] {
  const { list, replay } = failedEndpoints(service)
  return [
    query(list, async (_request, { db }: S) => answer([...(await messagesOf(db.sql)), ...(await workOf(db.sql))])),
    procedure(replay, async (request, { db, audit }: S) => {
      const { id } = request.body
      const replayed = await db.tx(async (tx) => {
        const which = id ?? 'all'
        const count = (await replayMessages(tx.sql, which)) + (await replayWork(tx.sql, which))
        audit.write(tx, request, { action: 'message-replay', subject: id, detail: `${count} dead letters` })
        return count
      }, request.origin)
      return answer({ replayed })
    }),
  ]
}

const messagesOf = async (sql: Sql): Promise<FailedItem[]> =>
  (await listFailedMessages(sql, shownAtOnce)).map(({ messageId, since, message, publisher, state, tries, error }) => ({
    id: messageId,
    what: 'message',
    publisher,
    state,
    tries,
    error,
    since: since.toISOString(),
    ...(typeof message?.type === 'string' ? { type: message.type } : {}),
    ...(typeof message?.subject === 'string' ? { subject: message.subject } : {}),
  }))

const workOf = async (sql: Sql): Promise<FailedItem[]> =>
  (await listFailedWork(sql, shownAtOnce)).map(({ key, kind, subject, state, tries, error, since }) => ({
    id: key,
    what: 'work',
    state: state === 'dead' ? 'parked' : 'retrying',
    tries,
    error,
    since: since.toISOString(),
    type: kind,
    subject,
  }))
