// Notices about accounts: mails with a link, and what happens to the security of an account.

import { UserErasureRefused, UserLink, UserSecured } from '@aisle/contracts/messages/auth'
import { on } from '@aisle/kit/bus/reaction'
import type { NoticesService } from '../context.ts'
import { makeNotices } from '../make-notices.ts'

export const hearLinks = on(UserLink, async (tx, message, service: NoticesService) => {
  const { id, userId, purpose, sealed, language, expiresAt } = message.data
  await makeNotices(
    tx,
    service,
    [{ kind: purpose, userId, fact: id, params: { sealed, language, expiresAt } }],
    message,
  )
})

export const hearSecurity = on(UserSecured, async (tx, message, service: NoticesService) => {
  const { userId, version, what, device, at } = message.data
  // A sign-in does not change the version of the account, so its time says which one it was.
  const fact = `${userId} ${version} ${what} ${at}`
  await makeNotices(tx, service, [{ kind: 'secured', userId, fact, params: { what, device, at } }], message)
})

/** The user, or someone who could prove to be them, asked for it. */
export const hearRefusedErasures = on(UserErasureRefused, async (tx, message, service: NoticesService) => {
  const { userId, version, by, at } = message.data
  if (by !== 'user') return
  const fact = `${userId} erasure ${version}`
  await makeNotices(tx, service, [{ kind: 'secured', userId, fact, params: { what: 'erasure-refused', at } }], message)
})
