// A notice as people see it: its words, where it leads, and what became of its mail.

import type { Notice as Shown } from '@aisle/contracts/entities'
import type { Language } from '@aisle/contracts/messages/auth'
import type { Sql } from '@aisle/kit/db/database'
import type { Kind } from './kinds.ts'
import type { Params } from './rules.ts'
import { say } from './texts/say.ts'

export type NoticeRow = {
  id: string
  userId: string
  kind: Kind
  orderId: string | null
  params: Params
  madeAt: Date
  readAt: Date | null
  status: NonNullable<Shown['mail']>['status'] | null
  sentAt: Date | null
  changedAt: Date | null
  why: string | null
}

export const noticeColumns = (sql: Sql) => sql`
  n.id, n.user_id, n.kind, n.order_id, n.params, n.made_at, n.read_at, d.status, d.sent_at, d.changed_at, d.why`

export function toNotice(row: NoticeRow, language: Language): Shown {
  const { id, kind, orderId, params, madeAt, readAt } = row
  const { title, text, action } = say(kind, { ...params, token: null, orderId: orderId ?? undefined }, language)
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
