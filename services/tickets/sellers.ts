// Whether a seller may sell. The lock makes a ban, or an erasure, and anything that would put a ticket on sale
// take turns: either withdraw-of-banned.ts or erase-tickets.ts sees the ticket, or the ban is seen here.

import type { Sql } from '@aisle/kit/db/database'

/** Why a seller may not sell, or null. The answer holds until the end of the transaction. */
export async function whyNotSell(sql: Sql, sellerId: string): Promise<'banned' | 'account-closing' | null> {
  const [seller] = await sql<{ banned: boolean; erased: boolean }[]>`
    select banned, erased from users where id = ${sellerId} for share`
  if (seller?.erased) return 'account-closing'
  return seller?.banned ? 'banned' : null
}

/** Keeps whether a ticket's seller may sell unchanged until the end of the transaction. */
export const lockSellerOf = (sql: Sql, ticketId: string) =>
  sql`select from users where id = (select seller_id from tickets where id = ${ticketId}) for share`

/** Whether a seller has confirmed their email; null while auth has not said so. */
export async function isConfirmed(sql: Sql, sellerId: string): Promise<boolean | null> {
  const [seller] = await sql<{ confirmed: boolean | null }[]>`select confirmed from users where id = ${sellerId}`
  return seller?.confirmed ?? null
}
