// A user renames or removes one of their passkeys. Sessions that began with it go on: "sign out everywhere" ends them.

import { removePasskey as removal, renamePasskey as renaming } from '@aisle/contracts/api/passkeys'
import { UserSecured } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { nameDevice } from '../device.ts'
import { type PasskeyRow, toPasskey } from '../passkeys.ts'
import { refuseWithout } from '../second-factors.ts'
import { lockCaller } from '../session-rows.ts'
import { toSecured } from '../user.ts'

export const renamePasskey = command(renaming, async (tx, { params, body, session }, _: AuthService) => {
  const [renamed] = await tx.sql<PasskeyRow[]>`
    update passkeys set name = ${body.name.trim()}
    where id = ${params.id} and user_id = ${session.userId} returning *`
  return renamed ? answer(toPasskey(renamed)) : refuse('not-found')
})

export const removePasskey = command(removal, async (tx, request, service: AuthService) => {
  const { params, session, client } = request
  const { config, clock, audit } = service
  const caller = await lockCaller(tx.sql, session)
  if (!caller) return refuse('not-signed-in')
  const { user } = caller
  const removed = await tx.sql`delete from passkeys where id = ${params.id} and user_id = ${user.id} returning 1`
  if (removed.length === 0) return refuse('not-found')
  const refused = await refuseWithout(tx.sql, config, user)
  if (refused) return refused
  tx.emit(UserSecured, user.id, toSecured(user, 'passkey-removed', clock.now(), nameDevice(client.userAgent)))
  audit.write(tx, request, { action: 'passkey-removed', subject: params.id })
  return answer(undefined)
})
