// A user renames or removes one of their passkeys. Sessions that began with it go on: "sign out everywhere" ends them.

import { removePasskey as removal, renamePasskey as renaming } from '@aisle/contracts/api/passkeys'
import { UserSecured } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { nameDevice } from '../device.ts'
import { dropCodesWithoutFactor, factorsOf, mustKeepLast } from '../factors.ts'
import { type PasskeyRow, toPasskey } from '../passkeys.ts'
import { lockCaller } from '../session-rows.ts'
import { toSecured } from '../user.ts'

export const renamePasskey = command(renaming, async (tx, { params, body, session }, _: AuthService) => {
  if (!(await lockCaller(tx.sql, session))) return refuse('not-signed-in')
  const [renamed] = await tx.sql<PasskeyRow[]>`
    update passkeys set name = ${body.name.trim()}
    where id = ${params.id} and user_id = ${session.userId} returning *`
  return renamed ? answer(toPasskey(renamed)) : refuse('not-found')
})

export const removePasskey = command(removal, async (tx, request, service: AuthService) => {
  const { params, session, client } = request
  const { clock, audit } = service
  const caller = await lockCaller(tx.sql, session)
  if (!caller) return refuse('not-signed-in')
  const { user } = caller
  const factors = await factorsOf(tx.sql, user.id)
  if (!factors.passkeys.some(({ id }) => id === params.id)) return refuse('not-found')
  if (mustKeepLast(service, user, factors)) return refuse('last-factor')
  await tx.sql`delete from passkeys where id = ${params.id}`
  await dropCodesWithoutFactor(tx, user.id)
  tx.emit(UserSecured, user.id, toSecured(user, 'passkey-removed', clock.now(), nameDevice(client.userAgent)))
  audit.write(tx, request, { action: 'passkey-removed', subject: params.id })
  return answer(undefined)
})
