// Writes notices, once for each fact, kind and person, with the work that mails them. The row decides that a mail
// exists: guarded by notices_once.

import type { Envelope } from '@aisle/contracts/message'
import { NoticeMade } from '@aisle/contracts/messages/notices'
import type { Tx } from '@aisle/kit/db/database'
import type { NoticesService } from './context.ts'
import { type Kind, rulesOf } from './kinds.ts'
import { mailWorkOf } from './mail/send.ts'
import type { Notice } from './rules.ts'

type Made = { id: string; kind: Kind; userId: string; isMailed: boolean; unread: number | null; version: number | null }

/** Makes those of `notices` that do not exist yet, because of a message. Nothing is news to a user who was erased. */
export async function makeNotices(
  tx: Tx,
  { newId, parts }: Pick<NoticesService, 'newId' | 'parts'>,
  notices: readonly Notice[],
  { time, snapshot }: Pick<Envelope, 'time' | 'snapshot'>,
): Promise<void> {
  const at = new Date(time)
  // What happened before this marketplace sent notices, or is only said again, is nobody's news.
  if (notices.length === 0 || at < parts.beginning || snapshot) return
  const wanted = notices.map(({ kind, userId, fact, orderId, params }) => ({
    id: newId(),
    user_id: userId,
    kind,
    fact,
    order_id: orderId ?? null,
    params,
    is_shown: rulesOf(kind).isShown,
    mail: rulesOf(kind).mail,
  }))
  const made = await tx.sql<Made[]>`
    with wanted as (
      select w.*, w.mail = 'always' or coalesce(p.mail, w.mail = 'on') as is_mailed
      from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb) as w (id uuid, user_id uuid, kind text, fact text,
        order_id uuid, params jsonb, is_shown boolean, mail text)
      left join preferences p on p.user_id = w.user_id and p.kind = w.kind
      where not exists (select from erased_users e where e.user_id = w.user_id)),
    made as (
      insert into notices (id, user_id, kind, fact, order_id, params, is_shown, made_at)
      select id, user_id, kind, fact, order_id, params, is_shown, ${at}::timestamptz from wanted
      on conflict on constraint notices_once do nothing
      returning id, user_id, kind, is_shown),
    delivered as (
      insert into deliveries (notice_id, user_id, status, why, changed_at)
      select id, made.user_id, case when is_mailed then 'queued' else 'suppressed' end,
        case when is_mailed then null else 'not wanted' end, ${at}::timestamptz
      from made join wanted using (id)),
    counted as (
      insert into inboxes as i (user_id, version, unread)
      select user_id, 1, count(*) from made where is_shown group by user_id
      on conflict on constraint inboxes_pkey do update set version = i.version + 1, unread = i.unread + excluded.unread
      returning user_id, version, unread)
    select made.id, made.kind, made.user_id, is_mailed, counted.version, counted.unread
    from made join wanted using (id) left join counted on counted.user_id = made.user_id`
  for (const { id, kind, isMailed } of made) if (isMailed) await tx.later(mailWorkOf(kind), id, { noticeId: id })
  const inboxes = new Map(made.map(({ userId, version, unread }) => [userId, { version, unread }]))
  for (const [userId, { version, unread }] of inboxes)
    if (version !== null && unread !== null) tx.emit(NoticeMade, userId, { userId, version, unread })
}
