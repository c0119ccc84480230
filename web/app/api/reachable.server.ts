// Whether mails reach the visitor, for pages that are about something else.

import { myMail } from '@aisle/contracts/api/notices'
import { callApi } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

/** False when we send them nothing; true as well when it is not known at the moment. */
export async function isReachable(context: Context): Promise<boolean> {
  const mail = await callApi(context, myMail, { query: {} }).catch(() => null)
  return !mail?.ok || mail.body.reachable
}
