// Cancels the unpaid orders of a banned user, as buyer and as seller, each in its own transaction. Finds them
// by users_ban_open, which is empty most of the time. An order whose payment was accepted continues: its money
// is settled. An order placed concurrently is cancelled when tickets confirms its hold (decide-order.ts).

import type { Job } from '@aisle/kit/boot/service'
import type { Sql } from '@aisle/kit/db/database'
import type { OrdersService } from './context.ts'
import { decide } from './order.ts'
import { lockOrder, moveOrder } from './queries.ts'

const ordersAtOnce = 100
/** Covers a process that received the ban and died before it was done. */
const everyMs = 1_000

export const cancelOfBanned: Job<OrdersService> = {
  name: 'cancel orders of banned users',
  async run({ db, clock }) {
    const [user] = await db.sql<User[]>`select id, version from users where ban_open order by id limit 1`
    if (!user) return everyMs
    const unpaid = await db.sql<{ id: string; whose: 'buyer' | 'seller' }[]>`
      select * from (
        (select id, 'buyer' as whose from orders where buyer_id = ${user.id} and ${isUnpaid(db.sql)}
          order by id limit ${ordersAtOnce})
        union all
        (select id, 'seller' from orders where seller_id = ${user.id} and ${isUnpaid(db.sql)}
          order by id limit ${ordersAtOnce})) o
      where exists (select from users where id = ${user.id} and ban_open)`
    for (const { id, whose } of unpaid)
      await db.tx(async (tx) => {
        const order = await lockOrder(tx.sql, id)
        if (order) moveOrder(tx, order, decide(order, { type: 'ban', whose }), clock.now())
      })
    await db.sql`
      update users set ban_open = false
      where id = ${user.id} and version = ${user.version}
        and not exists (select from orders where buyer_id = ${user.id} and ${isUnpaid(db.sql)})
        and not exists (select from orders where seller_id = ${user.id} and ${isUnpaid(db.sql)})`
    return 0
  },
  wakeOn: ({ parts }, wake) => parts.bans.wakes(wake),
}

type User = { id: string; version: number }

/** Matches the predicate of the indexes orders_of_buyer_for_event and orders_unpaid_of_seller. */
const isUnpaid = (sql: Sql) => sql`status in ('created', 'awaiting:payment')`
