// Numbers the orders from before there were numbers. New ones have theirs from the column's default.

import type { OrdersService } from './context.ts'

const rowsAtOnce = 200
const everyMs = 60_000
const betweenBatchesMs = 20

export const numberOrders = {
  name: 'number orders',
  async run({ db }: OrdersService): Promise<number> {
    const numbered = await db.tx(async ({ sql, send }) => {
      // Without statistics, as after an upgrade, PostgreSQL might read the whole table to find that nothing is left.
      send(sql`set local enable_seqscan = off`)
      const rows = await sql`
        update orders set number = order_number(nextval('order_numbers'))
        where id in (
          select id from orders where number is null order by id limit ${rowsAtOnce} for update skip locked)
        returning id`
      return rows.length
    })
    return numbered > 0 ? betweenBatchesMs : everyMs
  },
}
