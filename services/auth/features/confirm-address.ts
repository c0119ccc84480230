// A user proves that the email is theirs, with the link that was sent to it; whoever has the link needs no session.
// Only a POST confirms: programs that open every link in a mail change nothing. A link works once, guarded by the
// user's row lock.

import { askConfirmation as askEndpoint, confirmAddress as endpoint } from '@aisle/contracts/api/users'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import { confirmUser } from '../confirmation.ts'
import type { AuthService } from '../context.ts'
import { countOnce } from '../counts.ts'
import { askForLink, lockLink, useUpLinks } from '../links.ts'
import { lockUser } from '../queries.ts'

const purpose = 'confirm-address'

export const confirmAddress = command(endpoint, async (tx, request, { audit }: AuthService) => {
  const { body, now } = request
  const found = await lockLink(tx.sql, { token: body.token, purpose, now })
  if (!found) return refuse('invalid-link')
  const { user } = found
  useUpLinks(tx, { userId: user.id, purpose, now })
  if (!user.emailConfirmedAt && !(await confirmUser(tx, user, now))) return refuse('invalid-link')
  audit.write(tx, request, { action: 'address-confirmation', subject: user.id, actor: user.id })
  return answer(undefined)
})

const minuteMs = 60 * 1000
const limits = [
  { per: 'minute', most: 1, withinMs: minuteMs },
  { per: 'day', most: 10, withinMs: 24 * 60 * minuteMs },
]

export const askConfirmation = command(askEndpoint, async (tx, request, { newId }: AuthService) => {
  const { session, now } = request
  const user = await lockUser(tx.sql, session.userId)
  if (!user) return refuse('not-signed-in')
  for (const { per, most, withinMs } of limits) {
    const who = `confirmation ${per} ${user.id}`
    const tooMany = await countOnce(tx.sql, { table: 'link_counts', who, most, withinMs, now })
    if (tooMany) return tooMany
  }
  // A service that still asks for it has not heard of it: one of the previous version took the message.
  if (user.emailConfirmedAt) await confirmUser(tx, user, now)
  else await askForLink(tx, { id: newId(), userId: user.id, purpose, now })
  return answer(undefined)
})
