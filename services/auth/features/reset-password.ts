// A user who has forgotten the password gets a link that sets another. Nobody learns whether an address has an account:
// the answer is the same, and so are the writes, and the link is made afterwards, as durable work. Using the link ends
// every session and signs nobody in; it also confirms the address, since the mail was read. A weak password does not
// use it up. Guarded by the user's row lock, like any link.

import { createHmac } from 'node:crypto'
import { askReset as askEndpoint, resetPassword as endpoint } from '@aisle/contracts/api/users'
import { UserSecured } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, command, procedure } from '@aisle/kit/http/route'
import { confirmUser } from '../confirmation.ts'
import type { AuthService } from '../context.ts'
import { countOnce } from '../counts.ts'
import { askForReset, findUserOfLink, lockLink, useUpLinks } from '../links.ts'
import { forgetGuessesOf } from '../password-guesses.ts'
import { announceRevocation, findReachable } from '../queries.ts'
import { momentAfter } from '../session.ts'
import { endSessionsOf } from '../session-rows.ts'
import { normalizeEmail, toSecured, type UserRow } from '../user.ts'

const purposes = ['reset-password'] as const
const mostAnHour = 3
const hourMs = 60 * 60 * 1000

export const askReset = command(askEndpoint, async (tx, { body, now }, { config, newId }: AuthService) => {
  const who = createHmac('sha256', config.FINGERPRINT_SECRET)
    .update(`reset ${normalizeEmail(body.email)}`)
    .digest('base64url')
  const limit = { table: 'link_counts', who, most: mostAnHour, withinMs: hourMs, now } as const
  const [tooMany, user] = await Promise.all([countOnce(tx.sql, limit), findReachable(tx.sql, body.email)])
  if (!tooMany) await askForReset(tx, { id: newId(), userId: user?.id ?? null })
  return answer({})
})

export const resetPassword = procedure(endpoint, async (request, service: AuthService) => {
  const { body, origin } = request
  const { db, parts, clock, sessions, audit } = service
  const link = { token: body.token, purposes }
  const known = await findUserOfLink(db.sql, { ...link, now: request.now })
  if (!known) return refuse('invalid-link')
  if (parts.isWeak(body.password, known)) return refuse('weak-password', { field: 'password' })
  const passwordHash = await parts.passwords.hash(body.password)

  return db.tx(async (tx) => {
    const now = clock.now()
    const found = await lockLink(tx.sql, { ...link, now })
    if (!found) return refuse('invalid-link')
    const { user } = found
    if (user.bannedAt) {
      audit.count(request, { action: 'password-reset', subject: user.id, outcome: 'banned' })
      return refuse('banned')
    }
    if (!user.emailConfirmedAt && !(await confirmUser(tx, user, now))) return refuse('invalid-link')
    const [reset] = await tx.sql<[UserRow]>`
      update users set version = version + 1, password_hash = ${passwordHash},
        sessions_revoked_before = ${momentAfter(user.sessionsRevokedBefore, now)}, updated_at = ${now}
      where id = ${user.id} returning *`
    await endSessionsOf(tx.sql, user.id, 'password-changed', now)
    await announceRevocation(tx, sessions, reset, 'password-changed')
    useUpLinks(tx, { userId: user.id, purposes, now })
    await forgetGuessesOf(tx.sql, service, user.email)
    tx.emit(UserSecured, user.id, toSecured(reset, 'password-reset', now))
    audit.write(tx, request, { action: 'password-reset', subject: user.id, actor: user.id })
    return answer(undefined)
  }, origin)
})
