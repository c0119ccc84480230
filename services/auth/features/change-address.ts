// A user moves their account to another address: a link goes to the new one, and the old one stays until it is used.
// Nobody learns whether the new address has an account: its owner is told, the user is not. Then the old address, if
// it was confirmed, gets a link that undoes the change for 72 hours and ends every session: for an owner whose account
// somebody else has moved.

import { askAddress as askEndpoint, undoAddress as undoEndpoint } from '@aisle/contracts/api/users'
import { normalizeAddress } from '@aisle/contracts/email'
import { UserSecured } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { countMail } from '../counts.ts'
import { removeFactors } from '../factors.ts'
import { askForLink, askForReset, lockLink, useUpLinks } from '../links.ts'
import { moveAddress } from '../move-account.ts'
import { announceRevocation } from '../queries.ts'
import { momentAfter } from '../session.ts'
import { endSessionsOf, lockCaller } from '../session-rows.ts'
import { toSecured, type UserRow } from '../user.ts'

/** Whoever moves an account may have added a factor first: one from this long before goes, too. */
const beforeTheMoveMs = 3 * 24 * 60 * 60 * 1000

export const askAddress = command(askEndpoint, async (tx, request, { newId, audit }: AuthService) => {
  const { body, session, now } = request
  if (normalizeAddress(body.email) === null)
    return refuse('invalid', { field: 'email', message: 'has a domain that cannot be, or is too long' })
  const caller = await lockCaller(tx.sql, session)
  if (!caller) return refuse('not-signed-in')
  const { user } = caller
  const tooMany = await countMail(tx.sql, 'change', user.id, now)
  if (tooMany) return tooMany
  // A later wish replaces an earlier one.
  useUpLinks(tx, { userId: user.id, purposes: ['change-address'], now })
  await askForLink(tx, { id: newId(), userId: user.id, purpose: 'change-address', address: body.email.trim(), now })
  audit.write(tx, request, { action: 'address-change', subject: user.id, outcome: 'asked' })
  return answer(undefined)
})

export const undoAddress = command(undoEndpoint, async (tx, request, service: AuthService) => {
  const { clock, sessions, newId, audit } = service
  const found = await lockLink(tx.sql, { token: request.body.token, purposes: ['undo-address'], now: request.now })
  if (!found) return refuse('invalid-link')
  const { user, link } = found
  const now = clock.now()
  const moved = await moveAddress(tx, user, link.address!, now)
  if (!moved) return refuse('invalid-link')
  // Whoever moved the account has no link left: not to move it again, nor to undo this.
  useUpLinks(tx, {
    userId: user.id,
    purposes: ['undo-address', 'change-address', 'confirm-address', 'reset-password'],
    now,
  })
  const [restored] = await tx.sql<[UserRow]>`
    update users set version = version + 1, sessions_revoked_before = ${momentAfter(user.sessionsRevokedBefore, now)}
    where id = ${user.id} returning *`
  await endSessionsOf(tx.sql, user.id, 'signed-out-everywhere', now)
  await announceRevocation(tx, sessions, restored, 'signed-out-everywhere')
  await removeFactors(tx, restored, now, new Date(link.madeAt.getTime() - beforeTheMoveMs))
  tx.emit(UserSecured, user.id, toSecured(restored, 'address-restored', now))
  await askForReset(tx, { id: newId(), userId: user.id })
  audit.write(tx, request, { action: 'address-restoration', subject: user.id, actor: user.id })
  return answer(undefined)
})
