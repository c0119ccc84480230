// A user was erased: they are told so by one last mail, and everything else goes at once. When that mail has left, or a
// day later, the job `forget erased users` deletes the key, and with it the address.

import { UserErased } from '@aisle/contracts/messages/auth'
import { on } from '@aisle/kit/bus/reaction'
import { forgetCaller } from '@aisle/kit/http/forget-caller'
import type { NoticesService } from '../context.ts'
import { forgetNoticesOf } from '../forget-erased.ts'
import { makeNotices } from '../make-notices.ts'

export const eraseUser = on(UserErased, async (tx, message, service: NoticesService) => {
  const { userId, version } = message.data
  const [known] = await tx.sql`select 1 from erased_users where user_id = ${userId}`
  if (known) return
  forgetNoticesOf(tx, userId)
  forgetCaller(tx, userId)
  await makeNotices(tx, service, [{ kind: 'erased', userId, fact: `${userId} ${version}`, params: {} }], message)
  tx.send(tx.sql`insert into erased_users (user_id, at) values (${userId}, ${service.clock.now()})`)
})
