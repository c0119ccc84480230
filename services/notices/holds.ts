// What notices holds about a person.

import type { Held } from '@aisle/kit/boot/held'
import type { Sql } from '@aisle/kit/db/database'

/**
 * What a person was told in the product, and by mails that went to an address when its owner had confirmed it. That
 * there is another mail, or what became of it, would tell whether a stranger's address has an account, or is
 * suppressed. The links in them are part of what auth holds.
 */
const toldTo = (sql: Sql, userId: string) => sql`
  (select * from notices where user_id = ${userId} and is_shown
  union all
  select * from notices where user_id = ${userId} and not is_shown and kind in ('known-address', 'undo-address'))`

export const holds: readonly Held[] = [
  {
    part: 'contact',
    key: 'id',
    tables: ['contacts', 'contact_keys'],
    select: (sql, userId) => sql`
      select user_id as key, language, confirmed from contacts where user_id = ${userId}`,
  },
  {
    part: 'notices',
    key: 'id',
    tables: ['notices', 'inboxes', 'orders'],
    select: (sql, userId) => sql`
      select n.id as key, n.kind, o.number, n.made_at, n.read_at from ${toldTo(sql, userId)} n
      left join orders o on o.id = n.order_id`,
  },
  {
    part: 'mails',
    key: 'id',
    tables: ['deliveries', 'mailbox'],
    select: (sql, userId) => sql`
      select n.id as key, n.kind, d.status, d.why, d.sent_at, d.complained_at
      from ${toldTo(sql, userId)} n join deliveries d on d.notice_id = n.id`,
  },
  {
    part: 'choices',
    key: 'text',
    tables: ['preferences'],
    select: (sql, userId) => sql`select kind as key, kind, mail from preferences where user_id = ${userId}`,
  },
  {
    part: 'refused-mail',
    key: 'text',
    tables: ['suppressions'],
    select: (sql, userId) => sql`
      select encode(address_mac, 'hex') as key, reason, at, lifted_at from suppressions
      where address_mac in (
        select d.address_mac from ${toldTo(sql, userId)} n join deliveries d on d.notice_id = n.id)`,
  },
]
