// What notices holds about a person.

import type { Held } from '@aisle/kit/boot/held'
import type { Sql } from '@aisle/kit/db/database'

/**
 * Of the mails that are not shown in the product, those that went to an address when its owner had confirmed it. That
 * there is another one, or what became of it, would tell whether a stranger's address has an account, or is suppressed.
 * The links in them are part of what auth holds.
 */
const isOwn = (sql: Sql) => sql`(n.is_shown or n.kind in ('known-address', 'undo-address'))`

export const holds: readonly Held[] = [
  {
    part: 'contact',
    tables: ['contacts', 'contact_keys'],
    select: (sql, userId) => sql`
      select user_id::text as key, language, confirmed from contacts where user_id = ${userId}`,
  },
  {
    part: 'notices',
    tables: ['notices', 'inboxes', 'orders'],
    select: (sql, userId) => sql`
      select n.id::text as key, n.kind, o.number, n.made_at, n.read_at from notices n
      left join orders o on o.id = n.order_id where n.user_id = ${userId} and ${isOwn(sql)}`,
  },
  {
    part: 'mails',
    tables: ['deliveries', 'mailbox'],
    select: (sql, userId) => sql`
      select n.id::text as key, n.kind, d.status, d.why, d.sent_at, d.complained_at from deliveries d
      join notices n on n.id = d.notice_id where d.user_id = ${userId} and ${isOwn(sql)}`,
  },
  {
    part: 'choices',
    tables: ['preferences'],
    select: (sql, userId) => sql`select kind as key, kind, mail from preferences where user_id = ${userId}`,
  },
  {
    part: 'refused-mail',
    tables: ['suppressions'],
    select: (sql, userId) => sql`
      select encode(address_mac, 'hex') as key, reason, at, lifted_at from suppressions
      where address_mac in (
        select d.address_mac from deliveries d join notices n on n.id = d.notice_id
        where d.user_id = ${userId} and ${isOwn(sql)})`,
  },
]
