// What `npm run events -- snapshot auth` says: every user as others may know them, and until when their sessions are revoked.

import { SessionRevoked, UserUpdated } from '@aisle/contracts/messages/auth'
import type { SnapshotPart } from '@aisle/kit/bus/snapshot'
import { toState, type UserRow } from './user.ts'

export const everyUser: SnapshotPart = async (sql, { after, limit }) => {
  const rows = await sql<UserRow[]>`select * from users where id > ${after} order by id limit ${limit}`
  return rows.map((row) => ({ id: row.id, message: UserUpdated, data: toState(row) }))
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
