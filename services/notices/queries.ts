// A notice as people see it: its words, where it leads, and what became of its mail.

import type { Notice as Shown } from '@aisle/contracts/entities'
import type { Language } from '@aisle/contracts/messages/auth'
import type { Sql } from '@aisle/kit/db/database'
import type { Kind } from './kinds.ts'
import type { Params } from './rules.ts'
import { say } from './texts/say.ts'
import type { AboutOrder } from './texts/texts.ts'

export type NoticeRow = AboutOrder & {
  id: string
  userId: string
  kind: Kind
  params: Params
  madeAt: Date
  readAt: Date | null
  status: NonNullable<Shown['mail']>['status'] | null
  sentAt: Date | null
  changedAt: Date | null
  why: string | null
}

/** Notices `n` with all that a NoticeRow has. */
export const noticeRows = (sql: Sql) => sql`
  select n.id, n.user_id, n.kind, n.order_id, n.params, n.made_at, n.read_at, d.status, d.sent_at, d.changed_at, d.why,
    o.number as order_number, o.ticket
  from notices n left join deliveries d on d.notice_id = n.id left join orders o on o.id = n.order_id`

export function toNotice(row: NoticeRow, language: Language): Shown {
  const { id, kind, orderId, orderNumber, ticket, params, madeAt, readAt } = row
  const { title, text, action } = say(kind, { ...params, orderId, orderNumber, ticket }, language)
  return {
    id,
    kind,
    title,
    text,
    ...(action ? { action } : {}),
    ...(orderId === null ? {} : { orderId }),
    madeAt: madeAt.toISOString(),
    ...(readAt === null ? {} : { readAt: readAt.toISOString() }),
    ...mailOf(row),
  }
}

function mailOf({ status, sentAt, changedAt }: NoticeRow): Pick<Shown, 'mail'> {
  if (status === null || changedAt === null) return {}
  return { mail: { status, at: (sentAt ?? changedAt).toISOString() } }
}
