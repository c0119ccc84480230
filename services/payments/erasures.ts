// Whether money stands in the way of the erasure of a user: what we owe them or they us, money that is held or on its
// way, and refunds that have not arrived.

import type { ErasureReasons } from '@aisle/contracts/messages/erasure'
import type { Sql } from '@aisle/kit/db/database'

const mostOfACode = 5

export async function openMoney(sql: Sql, userId: string): Promise<ErasureReasons> {
  const open = [...(await openOf(sql, 'buyer', userId))]
  // A seller who is due something may have a million sales; they are looked at when it is settled.
  if (await isDue(sql, userId)) open.push({ code: 'balance-due' })
  else open.push(...(await openOf(sql, 'seller', userId)))
  return open
}

async function isDue(sql: Sql, userId: string): Promise<boolean> {
  const due = await sql`
    select currency from (
      select currency, due from balances where seller_id = ${userId}
      union all select currency, due from balance_changes where seller_id = ${userId}) parts
    group by currency having sum(due) <> 0`
  return due.length > 0
}

/** A refund that has failed is open until it was made again. */
async function openOf(sql: Sql, side: 'buyer' | 'seller', userId: string): Promise<ErasureReasons> {
  const own = sql`
    from orders o join payments p on p.order_id = o.id where ${sql(`${side}_id`)} = ${userId}`
  const subject = side === 'buyer' ? sql`o.id` : sql`o.ticket_id`
  const sale = side === 'buyer' ? '' : 'sale-'
  const rows = await sql<{ code: string; subject: string | null }[]>`
    (select distinct ${`${sale}payment-open`} as code, ${subject} as subject ${own}
      and (p.status in ('created', 'authorized')
        or exists (select from work w where w.subject = p.id::text and w.status in ('pending', 'dead')))
      limit ${mostOfACode})
    union all
    (select distinct ${`${sale}refund-open`}, ${subject} ${own}
      and exists (select from refunds r where r.payment_id = p.id
        and (r.status = 'pending' or (r.status = 'failed' and not exists (
          select from refunds made where made.payment_id = p.id and made.status <> 'failed'
            and made.created_at > r.created_at))))
      limit ${mostOfACode})`
  return rows.map(({ code, subject }) => ({ code, ...(subject === null ? {} : { subject }) }))
}
