// Every service tells a person what it holds about them: part after part, each in the order of its keys.

import { personalDataEndpoint } from '@aisle/contracts/api/personal-data'
import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Held } from '../boot/held.ts'
import type { Database, Sql } from '../db/database.ts'
import { cutPage, nextPage, readCursor } from '../db/keyset.ts'
import { isRefusal, type Refusal, refuse } from '../errors.ts'
import { answer, query, type Route } from './route.ts'

const entriesOfAPage = 500
/** Where a page begins: in which part, and after which key. */
type Place = readonly [part: number, key: string | null]
type Part = { at: number; after?: string | null; order: ReturnType<Sql>; limit: number }
type Entry = { at: number; key: string; part: string; held: Record<string, unknown> }

/** The route through which people read what `service` holds about them. */
export function personalDataRoute<S extends { readonly db: Database }>(
  service: ServiceName,
  parts: readonly Held[],
): Route<S> {
  const endpoint = personalDataEndpoint(service)
  return query(endpoint, async ({ query: input, session }, { db: { sql } }: S) => {
    const { after, newest, limit = entriesOfAPage } = input
    const { userId } = session
    if (newest === undefined) {
      const place = after === undefined ? ([0, null] as const) : readPlace(after, parts)
      if (isRefusal(place)) return place
      const entries = await readFrom(sql, userId, place, limit + 1)
      const { shown, cursor } = cutPage(entries, limit, ({ at, key }) => [at, key])
      return answer(shown.map(told), { headers: { ...secret, ...nextPage(endpoint.path, input, cursor) } })
    }
    if (after !== undefined) return refuse('invalid', { field: 'after', message: 'goes without `newest`' })
    const entries: Entry[] = []
    for (const at of parts.keys()) entries.push(...(await read(sql, userId, { at, order: sql`desc`, limit: newest })))
    return answer(entries.map(told), { headers: secret })
  })

  /** The entries after a place, at most `most`. */
  async function readFrom(sql: Sql, userId: string, [begin, last]: Place, most: number): Promise<Entry[]> {
    const entries: Entry[] = []
    for (let at = Math.max(begin, 0); at < parts.length && entries.length < most; at++) {
      const limit = most - entries.length
      entries.push(...(await read(sql, userId, { at, after: at === begin ? last : null, order: sql`asc`, limit })))
    }
    return entries
  }

  async function read(sql: Sql, userId: string, { at, after = null, order, limit }: Part): Promise<Entry[]> {
    const { part, select } = parts[at]!
    const rows = await sql<{ key: string }[]>`
      select * from (${select(sql, userId)}) held
      where ${after === null ? sql`true` : sql`key > ${after}`} order by key ${order} limit ${limit}`
    return rows.map(({ key, ...held }) => ({ at, key, part, held }))
  }
}

const secret = { 'cache-control': 'no-store' }
const told = ({ part, held }: Entry) => ({ part, held })

/** The part and the key after which a page begins: the key must be one that the part can have. */
function readPlace(after: string, parts: readonly Held[]): Place | Refusal {
  const place = readCursor(after, ['integer', 'text'])
  if (isRefusal(place)) return place
  const exact = readCursor(after, ['integer', parts[Number(place[0])]?.key ?? 'text'])
  return isRefusal(exact) ? exact : [Number(exact[0]), String(exact[1])]
}
