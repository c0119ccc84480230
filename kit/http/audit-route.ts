// Every service shows its audit log to admins.

import { auditEndpoint } from '@aisle/contracts/api/audit'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Database } from '../db/database.ts'
import { nextPage } from '../db/keyset.ts'
import { answer, query, type Route } from './route.ts'

type AuditRow = {
  id: string
  at: Date
  actor: string | null
  session: string | null
  address: string | null
  action: string
  subject: string | null
  outcome: string
  detail: string | null
  times: number
}

/** The route through which admins read the audit log of `service`, newest entries first, 20 per page by default. */
export function auditRoute<S extends { readonly db: Database }>(service: ServiceName): Route<S> {
  const endpoint = auditEndpoint(service)
  return query(endpoint, async ({ query: input }, { db: { sql } }: S) => {
    const { user, action, limit = 20, after } = input
    const rows = await sql<AuditRow[]>`
      select * from audit where true
        ${user === undefined ? sql`` : sql`and (actor = ${user} or subject = ${user})`}
        ${action === undefined ? sql`` : sql`and action = ${action}`}
        ${after === undefined ? sql`` : sql`and id < ${after}`}
      order by id desc limit ${limit + 1}`
    const shown = rows.slice(0, limit)
    return answer(shown.map(toEntry), {
      headers: nextPage(endpoint.path, input, rows.length > limit ? (shown.at(-1)?.id ?? null) : null),
    })
  })
}

function toEntry({ id, at, action, outcome, times, ...others }: AuditRow) {
  const told = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null))
  return { id, at: at.toISOString(), action, outcome, times, ...told }
}
