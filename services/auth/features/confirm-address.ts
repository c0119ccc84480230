// A user proves that the email is theirs, with the link that was sent to it; whoever has the link needs no session.
// Only a POST confirms: programs that open every link in a mail change nothing. A link works once, guarded by the
// user's row lock.

import { askConfirmation as askEndpoint, confirmAddress as endpoint } from '@aisle/contracts/api/users'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import { confirmUser } from '../confirmation.ts'
import type { AuthService } from '../context.ts'
import { countMail } from '../counts.ts'
import { askForLink, lockLink, useUpLinks } from '../links.ts'
import { changeAddress } from '../move-account.ts'
import { lockUser } from '../queries.ts'

const purposes = ['confirm-address', 'change-address'] as const

export const confirmAddress = command(endpoint, async (tx, request, service: AuthService) => {
  const { body, now } = request
  const found = await lockLink(tx.sql, { token: body.token, purposes, now })
  if (!found) return refuse('invalid-link')
  const { user, link } = found
  const isDone = await (link.purpose === 'change-address'
    ? changeAddress(tx, service, user, link, now)
    : user.emailConfirmedAt !== null || confirmUser(tx, user, now))
  if (!isDone) return refuse('invalid-link')
  useUpLinks(tx, { userId: user.id, purposes: [link.purpose], now })
  const action = link.purpose === 'change-address' ? 'address-change' : 'address-confirmation'
  service.audit.write(tx, request, { action, subject: user.id, actor: user.id })
  return answer(undefined)
})

export const askConfirmation = command(askEndpoint, async (tx, request, { newId }: AuthService) => {
  const { session, now } = request
  const user = await lockUser(tx.sql, session.userId)
  if (!user) return refuse('not-signed-in')
  const tooMany = await countMail(tx.sql, 'confirmation', user.id, now)
  if (tooMany) return tooMany
  // A service that still asks for it has not heard of it: one of the previous version took the message.
  if (user.emailConfirmedAt) await confirmUser(tx, user, now)
  else await askForLink(tx, { id: newId(), userId: user.id, purpose: 'confirm-address', now })
  return answer(undefined)
})
