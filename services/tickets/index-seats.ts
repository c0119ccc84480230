// Computes the seat keys of rows that have none yet: rows older than the rule, and rows that a replica of the
// previous version writes during a roll-out. Of several tickets for one seat the oldest gets the key. The
// others stay as they are: they may be held, and we cannot tell which ticket is genuine.

import type { Seat } from '@aisle/contracts/entities'
import type { Tx } from '@aisle/kit/db/database'
import type { TicketsService } from './context.ts'
import { seatKey } from './seat-key.ts'

const rowsAtOnce = 200
const everyMs = 60_000
const betweenBatchesMs = 20

export const indexSeats = {
  name: 'index seats',
  async run({ db }: TicketsService): Promise<number> {
    return (await db.tx(indexBatch)) > 0 ? betweenBatchesMs : everyMs
  },
}

async function indexBatch({ sql, send }: Tx): Promise<number> {
  // Without statistics, as after an upgrade, PostgreSQL might read the whole table to find that nothing is
  // left.
  send(sql`set local enable_seqscan = off`)
  const rows = await sql<{ id: string; eventId: string | null; seat: Seat | null; live: boolean }[]>`
    select id, event_id, seat, status <> 'withdrawn' as live from tickets where seat_key is null
    order by id limit ${rowsAtOnce} for update skip locked`
  const taken = new Set<string>()
  const keys = rows.map(({ eventId, seat, live }) => {
    const key = live ? seatKey(seat, eventId) : ''
    const isDouble = taken.has(`${eventId} ${key}`)
    taken.add(`${eventId} ${key}`)
    return isDouble ? '' : key
  })
  if (rows.length > 0)
    send(sql`
      update tickets t set seat_key = case when exists (
          select from tickets o where o.event_id = t.event_id and o.seat_key = r.key and o.seat_key <> ''
            and o.refunded_at is null and o.status in ('listed', 'reserved', 'sold')) then '' else r.key end
      from unnest(${rows.map(({ id }) => id)}::uuid[], ${keys}::text[]) r (id, key)
      where t.id = r.id`)
  return rows.length
}
