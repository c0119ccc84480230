// What `npm run events -- snapshot auth` publishes: every user as others may know them, how notices reaches them,
// until when their sessions are revoked, and which sessions ended individually.

import { SessionRevoked, UserContact, UserErased, UserUpdated } from '@aisle/contracts/messages/auth'
import type { SnapshotPart } from '@aisle/kit/bus/snapshot'
import { type ContactKey, sealContact } from './contacts.ts'
import { type EndReason, toEnd } from './session-rows.ts'
import { toState, type UserRow } from './user.ts'

export const everyUser: SnapshotPart = async (sql, { after, limit }) => {
  const rows = await sql<UserRow[]>`select * from users where id > ${after} order by id limit ${limit}`
  return rows.map((row) =>
    row.erasedAt
      ? { id: row.id, message: UserErased, data: { userId: row.id, version: row.version } }
      : { id: row.id, message: UserUpdated, data: toState(row) },
  )
}

export const everyContact: SnapshotPart = async (sql, { after, limit }) => {
  const rows = await sql<(UserRow & Pick<ContactKey, 'publicKey'>)[]>`
    select u.*, k.public_key from users u join contact_keys k on k.user_id = u.id
    where u.id > ${after} order by u.id limit ${limit}`
  return Promise.all(rows.map(async (row) => ({ id: row.id, message: UserContact, data: await sealContact(row, row) })))
}

export const everyRevocation: SnapshotPart = async (sql, { after, limit }) => {
  const rows = await sql<UserRow[]>`
    select * from users where id > ${after} and sessions_revoked_before is not null order by id limit ${limit}`
  return rows.map(({ id, version, bannedAt, sessionsRevokedBefore }) => ({
    id,
    message: SessionRevoked,
    data: {
      userId: id,
      version,
      revokedBefore: sessionsRevokedBefore?.toISOString(),
      reason: bannedAt ? 'banned' : 'signed-out-everywhere',
    },
  }))
}

type EndedRow = { id: string; userId: string; version: number; until: Date; reason: EndReason }

export const everyEndedSession: SnapshotPart = async (sql, { after, limit }) => {
  const rows = await sql<EndedRow[]>`
    select s.id, s.user_id, u.version, e.until, s.end_reason as reason
    from ended_sessions e join sessions s on s.id = e.session_id join users u on u.id = s.user_id
    where e.session_id > ${after} and e.until > now() order by e.session_id limit ${limit}`
  return rows.map((row) => ({ id: row.id, message: SessionRevoked, data: toEnd(row) }))
}
