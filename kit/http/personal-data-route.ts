// Every service tells a person what it holds about them: part after part, each in the order of its keys.

import { personalDataEndpoint } from '@aisle/contracts/api/personal-data'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Held } from '../boot/held.ts'
import type { Database } from '../db/database.ts'
import { cutPage, nextPage, readCursor } from '../db/keyset.ts'
import { isRefusal } from '../errors.ts'
import { answer, query, type Route } from './route.ts'

const entriesAtOnce = 500
type Entry = { at: number; key: string; part: string; held: Record<string, unknown> }

/** The route through which people read what `service` holds about them. */
export function personalDataRoute<S extends { readonly db: Database }>(
  service: ServiceName,
  parts: readonly Held[],
): Route<S> {
  const endpoint = personalDataEndpoint(service)
  return query(endpoint, async ({ query: { after }, session }, { db: { sql } }: S) => {
    const cursor = after === undefined ? [0, ''] : readCursor(after, ['integer', 'text'])
    if (isRefusal(cursor)) return cursor
    const [begin, last] = cursor as [number, string]
    const entries: Entry[] = []
    for (const [at, { part, select }] of parts.entries()) {
      if (at < begin || entries.length > entriesAtOnce) continue
      const rows = await sql<{ key: string }[]>`
        select * from (${select(sql, session.userId)}) held where key > ${at === begin ? last : ''}
        order by key limit ${entriesAtOnce + 1 - entries.length}`
      entries.push(...rows.map(({ key, ...held }) => ({ at, key, part, held })))
    }
    const { shown, cursor: next } = cutPage(entries, entriesAtOnce, ({ at, key }) => [at, key])
    return answer(
      shown.map(({ part, held }) => ({ part, held })),
      { headers: { 'cache-control': 'no-store', ...nextPage(endpoint.path, {}, next) } },
    )
  })
}
