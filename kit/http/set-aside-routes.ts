// Every service lets an admin list its failed messages, and replay its dead letters.

import { setAsideEndpoints } from '@aisle/contracts/api/messages'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { listParked, replayParked } from '../bus/parking.ts'
import type { Database } from '../db/database.ts'
import type { Audit } from './audit.ts'
import { answer, procedure, query, type Route } from './route.ts'

const shownAtOnce = 100

/** The routes of `service` that list failed messages, at most 100, and replay dead letters. */
export function setAsideRoutes<S extends { readonly db: Database; readonly audit: Audit }>(
  service: ServiceName,
): Route<S>[] {
  const { list, replay } = setAsideEndpoints(service)
  return [
    query(list, async (_request, { db }: S) =>
      answer(
        (await listParked(db.sql, shownAtOnce)).map(
          ({ messageId, since, message, publisher, state, tries, error }) => ({
            id: messageId,
            publisher,
            state,
            tries,
            error,
            since: since.toISOString(),
            ...(typeof message?.type === 'string' ? { type: message.type } : {}),
            ...(typeof message?.subject === 'string' ? { subject: message.subject } : {}),
          }),
        ),
      ),
    ),
    procedure(replay, async (request, { db, audit }: S) => {
      const { id } = request.body
      const replayed = await db.tx(async (tx) => {
        const count = await replayParked(tx.sql, id ?? 'all')
        audit.write(tx, request, { action: 'message-replay', subject: id, detail: `${count} messages` })
        return count
      }, request.origin)
      return answer({ replayed })
    }),
  ]
}
