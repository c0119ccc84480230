// Whether a seller may sell. The lock makes a ban and anything that would put a ticket on sale take turns:
// either withdraw-of-banned.ts sees the ticket, or the ban is seen here.

import type { Sql } from '@aisle/kit/db/database'

/** Whether a seller is banned. The answer holds until the end of the transaction. */
export async function isBanned(sql: Sql, sellerId: string): Promise<boolean> {
  const [seller] = await sql<{ banned: boolean }[]>`select banned from users where id = ${sellerId} for share`
  return seller?.banned ?? false
}

/** Keeps the ban state of a ticket's seller unchanged until the end of the transaction. */
export const lockSellerOf = (sql: Sql, ticketId: string) =>
  sql`select from users where id = (select seller_id from tickets where id = ${ticketId}) for share`

/** Whether a seller has confirmed their email; null while auth has not said so. */
export async function isConfirmed(sql: Sql, sellerId: string): Promise<boolean | null> {
  const [seller] = await sql<{ confirmed: boolean | null }[]>`select confirmed from users where id = ${sellerId}`
  return seller?.confirmed ?? null
}
