// Computes search words for rows that lack those of this version: older rows, and rows that a replica of the
// previous version writes during a roll-out. Small batches, because an open transaction that has written holds
// back every message. The partial indexes events_to_index and tickets_to_index contain the remaining rows, most
// of the time none.

import type { Tx } from '@aisle/kit/db/database'
import type { TicketsService } from './context.ts'
import type { KnownEvent } from './event-identity.ts'
import { eventIdentity } from './event-identity.ts'
import { knownColumns } from './find-event.ts'
import { searchWords, wordsKey } from './search-text.ts'

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

/** Without statistics, as after an upgrade, PostgreSQL might read a whole table to find that nothing is left. */
const byIndex = ({ sql, send }: Tx) => send(sql`set local enable_seqscan = off`)

async function indexEvents(tx: Tx): Promise<number> {
  const { sql, send } = tx
  byIndex(tx)
  const rows = await sql<KnownEvent[]>`
    select ${knownColumns(sql)} from events where search_version is distinct from 1
    order by id limit ${rowsAtOnce} for update skip locked`
  if (rows.length > 0)
    send(sql`
      update events e set search = array_to_tsvector(string_to_array(r.words, ' ')), city_key = r.city_key,
        search_version = 1,
        -- If the same event was created again since, this one keeps its identity and gets no more tickets.
        identity = case when exists (select from events o where o.identity = r.identity) then e.identity
          else r.identity end
      from unnest(${rows.map(({ id }) => id)}::uuid[],
        ${rows.map(({ name, venue, city }) => searchWords(name, venue, city).join(' '))}::text[],
        ${rows.map(({ city }) => city && wordsKey(city))}::text[],
        ${rows.map(eventIdentity)}::text[]) r (id, words, city_key, identity)
      where e.id = r.id`)
  return rows.length
}

async function indexTickets(tx: Tx): Promise<number> {
  const { sql, send } = tx
  byIndex(tx)
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
