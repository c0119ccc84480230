// Words for rows that have none of this version's: those from before it, and those that a replica of the version before
// writes while it is replaced. A few at a time, because an open transaction that has written holds back every message.

import type { Tx } from '@aisle/kit/db/database'
import type { TicketsService } from './context.ts'
import { eventIdentity } from './event-identity.ts'
import { type KnownEvent, knownColumns } from './find-event.ts'
import { cityKey, searchWords } from './search-text.ts'

const rowsAtOnce = 200
const everyMs = 60_000
const betweenBatchesMs = 20

export const indexNames = {
  name: 'index names',
  async run({ db }: TicketsService): Promise<number> {
    const events = await db.tx(indexEvents)
    const tickets = await db.tx(indexTickets)
    return events + tickets > 0 ? betweenBatchesMs : everyMs
  },
}

async function indexEvents({ sql, send }: Tx): Promise<number> {
  const rows = await sql<KnownEvent[]>`
    select ${knownColumns(sql)} from events where search_version is distinct from 1
    order by id limit ${rowsAtOnce} for update skip locked`
  if (rows.length > 0)
    send(sql`
      update events e set search = array_to_tsvector(string_to_array(r.words, ' ')), city_key = r.city_key,
        search_version = 1,
        -- Where the event was made again meanwhile, the earlier one keeps the identity that it has: nobody joins it.
        identity = case when exists (select from events o where o.identity = r.identity) then e.identity
          else r.identity end
      from unnest(${rows.map(({ id }) => id)}::uuid[],
        ${rows.map(({ name, venue, city }) => searchWords(name, venue, city).join(' '))}::text[],
        ${rows.map(({ city }) => city && cityKey(city))}::text[],
        ${rows.map(eventIdentity)}::text[]) r (id, words, city_key, identity)
      where e.id = r.id`)
  return rows.length
}

async function indexTickets({ sql, send }: Tx): Promise<number> {
  const rows = await sql<({ title: string } & Pick<KnownEvent, 'id' | 'name' | 'venue' | 'city'>)[]>`
    select t.id, t.title, e.name, e.venue, e.city from tickets t left join events e on e.id = t.event_id
    where t.search_version is distinct from 1 order by t.id limit ${rowsAtOnce} for update of t skip locked`
  if (rows.length > 0)
    send(sql`
      update tickets t set search = array_to_tsvector(string_to_array(r.words, ' ')), search_version = 1
      from unnest(${rows.map(({ id }) => id)}::uuid[],
        ${rows.map((row) => searchWords(row.title, row.name, row.venue, row.city).join(' '))}::text[]) r (id, words)
      where t.id = r.id`)
  return rows.length
}
